/**
 * Tells a program's output from what the guest's `session` says between (assets/guest-init/session): a mark is
 * `NUL guesthouse TOKEN WORDS LF`, whose token the output cannot know. Pure.
 */

export type Piece =
  | { readonly kind: 'output'; readonly bytes: Uint8Array }
  | { readonly kind: 'mark'; readonly words: string };

/** A longer one is no mark (bytes). */
const MAX_WORDS = 200;

export interface MarkReader {
  /** Output comes at once, but for an end that may be the beginning of a mark. */
  push(bytes: Uint8Array): Piece[];
}

export function createMarkReader(token: string): MarkReader {
  const start = Buffer.from(`\0guesthouse ${token} `);
  let held: Buffer = Buffer.alloc(0);
  return {
    push(bytes) {
      const pieces: Piece[] = [];
      let rest = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes]);
      held = Buffer.alloc(0);
      const output = (part: Buffer) => {
        if (part.length > 0) pieces.push({ kind: 'output', bytes: part });
      };
      for (;;) {
        const at = markStart(rest, start);
        output(rest.subarray(0, at));
        rest = rest.subarray(at);
        if (rest.length === 0) break;
        const end = rest.length < start.length ? -1 : rest.indexOf(10, start.length);
        if (end < 0 && rest.length <= start.length + MAX_WORDS) {
          held = rest;
          break;
        }
        if (end < 0 || end > start.length + MAX_WORDS) {
          output(rest.subarray(0, 1));
          rest = rest.subarray(1);
          continue;
        }
        pieces.push({ kind: 'mark', words: rest.toString('latin1', start.length, end) });
        rest = rest.subarray(end + 1);
      }
      return pieces;
    },
  };
}

/** Where a mark begins or may begin; the length of `bytes` when nowhere. */
function markStart(bytes: Buffer, start: Buffer): number {
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) {
    const length = Math.min(start.length, bytes.length - at);
    if (bytes.compare(start, 0, length, at, at + length) === 0) return at;
  }
  return bytes.length;
}
