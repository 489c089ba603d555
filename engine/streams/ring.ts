/**
 * The latest bytes of a stream under absolute offsets: byte 0 is the first ever written, and what is older than
 * `start` is gone. Readers keep an offset of their own, so the ring is every reader's queue at once.
 */

/**
 * What a session keeps (bytes). About 10,000 lines of 100 characters: the scrollback a terminal shows anyway. Memory
 * is taken as output comes, so a quiet session costs 16 KiB.
 */
export const RING_BYTES = 1024 * 1024;

/** Memory taken at first (bytes); doubled until the capacity is reached. */
const FIRST_BYTES = 16 * 1024;

/** How far after a cut a better place to begin is looked for (bytes); a few lines of a wide terminal. */
const BOUNDARY_SEARCH_BYTES = 4096;

const NEWLINE = 0x0a;
const ESCAPE = 0x1b;

export interface Ring {
  readonly capacityBytes: number;
  /** Offset of the oldest byte kept. */
  readonly start: number;
  /** Offset after the newest byte; also the number of bytes ever written. */
  readonly end: number;
  write(bytes: Uint8Array): void;
  /** A copy of at most `maxBytes` from `offset` on, which must lie between `start` and `end`. */
  read(offset: number, maxBytes: number): Uint8Array;
  /**
   * The first offset from which a terminal understands what follows, when at most `tailBytes` are wanted: the oldest
   * byte of all, or after a cut the next line, else the next escape sequence, else the next whole character.
   */
  tail(tailBytes: number): number;
  /** A copy of everything from `tail(tailBytes)` on. */
  snapshot(tailBytes: number): Uint8Array;
}

export function createRing(capacityBytes: number = RING_BYTES): Ring {
  let memory = new Uint8Array(Math.min(FIRST_BYTES, capacityBytes));
  let end = 0;
  const start = () => Math.max(0, end - capacityBytes);

  const grow = (needed: number) => {
    let size = memory.length;
    while (size < needed && size < capacityBytes) size = Math.min(size * 2, capacityBytes);
    if (size === memory.length) return;
    // Nothing has wrapped yet: memory only falls short of the capacity while every byte is still there.
    const larger = new Uint8Array(size);
    larger.set(memory.subarray(0, end));
    memory = larger;
  };

  const write = (bytes: Uint8Array) => {
    if (bytes.length > capacityBytes) {
      end += bytes.length - capacityBytes;
      grow(capacityBytes);
      write(bytes.subarray(bytes.length - capacityBytes));
      return;
    }
    grow(end + bytes.length);
    const at = end % capacityBytes;
    const first = Math.min(bytes.length, capacityBytes - at);
    memory.set(first === bytes.length ? bytes : bytes.subarray(0, first), at);
    if (first < bytes.length) memory.set(bytes.subarray(first), 0);
    end += bytes.length;
  };

  const read = (offset: number, maxBytes: number): Uint8Array => {
    const size = Math.max(0, Math.min(maxBytes, end - offset));
    const out = Buffer.allocUnsafeSlow(size);
    const at = offset % capacityBytes;
    const first = Math.min(size, capacityBytes - at);
    out.set(memory.subarray(at, at + first));
    if (first < size) out.set(memory.subarray(0, size - first), first);
    return out;
  };

  const tail = (tailBytes: number): number => {
    const wanted = Math.max(0, Math.floor(tailBytes));
    const cut = Math.max(start(), end - wanted);
    if (cut === 0 || cut === end) return cut;
    // One byte earlier: a cut right after a newline is a good one already.
    const before = cut > start() ? 1 : 0;
    const near = read(cut - before, BOUNDARY_SEARCH_BYTES + before);
    const line = near.indexOf(NEWLINE);
    if (line !== -1) return cut - before + line + 1;
    const sequence = near.indexOf(ESCAPE, before);
    if (sequence !== -1) return cut - before + sequence;
    let whole = before;
    while (whole < near.length && ((near[whole] as number) & 0xc0) === 0x80 && whole < before + 3) whole++;
    return cut - before + whole;
  };

  return {
    capacityBytes,
    get start() {
      return start();
    },
    get end() {
      return end;
    },
    write,
    read,
    tail,
    snapshot: (tailBytes) => {
      const from = tail(tailBytes);
      return read(from, end - from);
    },
  };
}
