/** Gives credit back for what was really consumed, in few messages. Pure. */

/**
 * Credit is given back in pieces of this size (bytes). What is owed meanwhile holds nothing up: it is a quarter of the first
 * credit, and half of what a terminal leaves of it.
 */
export const CREDIT_PIECE = 64 * 1024;

/**
 * Answers what is told of bytes that were consumed. `kept`: so much of the first credit is never given back; what is on its
 * way is smaller by it from then on (bytes).
 */
export function createCreditMeter(give: (bytes: number) => void, kept = 0): (consumed: number) => void {
  let owed = -kept;
  return (consumed) => {
    owed += consumed;
    if (owed < CREDIT_PIECE) return;
    const given = owed;
    owed = 0;
    give(given);
  };
}
