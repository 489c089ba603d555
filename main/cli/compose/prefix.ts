/** Puts a prefix before every line of a stream of bytes. */
export interface Prefixer {
  /** What can be shown now: whole lines. */
  add(bytes: Uint8Array): Uint8Array;
  /** The last line when it has no end. */
  end(): Uint8Array;
}

const NEWLINE = 10;
/** A line without an end is shown in parts of this size (bytes). */
const MAX_LINE = 64 * 1024;

export function createPrefixer(prefix: string): Prefixer {
  const before = Buffer.from(prefix);
  let rest: Uint8Array = new Uint8Array(0);
  return {
    add(bytes) {
      const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : Buffer.from(bytes);
      const parts: Uint8Array[] = [];
      let at = 0;
      for (let end = all.indexOf(NEWLINE); end !== -1; end = all.indexOf(NEWLINE, at)) {
        parts.push(before, all.subarray(at, end + 1));
        at = end + 1;
      }
      rest = all.subarray(at);
      if (rest.length > MAX_LINE) {
        parts.push(before, rest, Buffer.from('\n'));
        rest = new Uint8Array(0);
      }
      return Buffer.concat(parts);
    },
    end() {
      const last = rest.length > 0 ? Buffer.concat([before, rest, Buffer.from('\n')]) : rest;
      rest = new Uint8Array(0);
      return last;
    },
  };
}
