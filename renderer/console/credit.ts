/** Gives credit back for what was really consumed, in few messages. Pure. */

/** Credit is given back in pieces of this size, or when nothing waits any more (bytes). */
export const CREDIT_PIECE = 32 * 1024;

export interface CreditMeter {
  /** Bytes arrived and wait to be consumed. */
  received(bytes: number): void;
  /** Bytes were consumed. */
  done(bytes: number): void;
  /** Bytes that wait. */
  readonly waiting: number;
}

/** `kept`: so much of the first credit is never given back; what is on its way is smaller by it from then on (bytes). */
export function createCreditMeter(give: (bytes: number) => void, kept = 0): CreditMeter {
  let waiting = 0;
  let owed = -kept;
  return {
    get waiting() {
      return waiting;
    },
    received(bytes) {
      waiting += bytes;
    },
    done(bytes) {
      waiting -= bytes;
      owed += bytes;
      if (owed <= 0 || (owed < CREDIT_PIECE && waiting > 0)) return;
      const given = owed;
      owed = 0;
      give(given);
    },
  };
}
