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

export function createCreditMeter(give: (bytes: number) => void): CreditMeter {
  let waiting = 0;
  let owed = 0;
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
      if (owed === 0 || (owed < CREDIT_PIECE && waiting > 0)) return;
      const given = owed;
      owed = 0;
      give(given);
    },
  };
}
