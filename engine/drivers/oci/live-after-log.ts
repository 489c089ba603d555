/**
 * Goes from a program's log over to what comes live of it, so that nothing is shown twice. conmon writes to the log first
 * and to whoever is attached then (ctr_stdio.c, `read_stdio`), so what had arrived before the log was read is in the log, and
 * of what arrives later only the log's very end may be. Pure.
 */
export interface LiveAfterLog {
  /** What of these live bytes is new. */
  add(bytes: Uint8Array): Uint8Array;
  /** Nothing that is in the log comes any more: what was held back, which is all new. */
  settle(): Uint8Array;
}

const NOTHING = Buffer.alloc(0);
/** More than this cannot be on its way (bytes); one read of conmon's is as large. */
export const ON_ITS_WAY = 8 * 1024;

/** `log`: what was read of it. `arrived`: bytes that had come live before it was read and were not shown. */
export function liveAfterLog(log: Uint8Array, arrived: number): LiveAfterLog {
  const tail: Buffer = Buffer.from(log.subarray(-ON_ITS_WAY));
  let held: Buffer = NOTHING;
  let isSettled = tail.length === 0 && arrived === 0;
  const settle = () => {
    const fresh = held.subarray(Math.max(arrived, endOverlap(tail, held)));
    isSettled = true;
    held = NOTHING;
    return fresh;
  };
  return {
    add(bytes) {
      if (isSettled) return bytes;
      held = Buffer.concat([held, bytes]);
      // It is in the log and something follows it there: the rest may be on its way.
      const at = tail.indexOf(held);
      const isMore = at >= 0 && at + held.length < tail.length;
      return held.length < arrived || isMore ? NOTHING : settle();
    },
    settle: () => (isSettled ? NOTHING : settle()),
  };
}

/** How many bytes at the end of `before` are the same as at the beginning of `after`. */
export function endOverlap(before: Uint8Array, after: Uint8Array): number {
  for (let length = Math.min(before.length, after.length); length > 0; length--) {
    const tail = before.subarray(before.length - length);
    if (Buffer.compare(tail, after.subarray(0, length)) === 0) return length;
  }
  return 0;
}
