/** Guests that do nothing, which is what most guests do: one small file tells, and the others need not be read. */
import type { Counters } from '../drivers/driver.ts';

/** The host may take memory back from a guest that sleeps, so it is looked at anyhow every so many readings. */
const QUIET_READINGS = 10;

/**
 * A reading that is done only when the guest used the processor since the last one; else the last one again. `cpu`:
 * the file with its processor time as text, null when it cannot be read (then everything is).
 */
export function unlessQuiet(
  cpu: () => string | null,
  readAll: (cpu: string | null) => Counters | null,
): () => Counters | null {
  let before: string | null = null;
  let last: Counters | null = null;
  let repeated = 0;
  return () => {
    const now = cpu();
    if (now !== null && now === before && last !== null && repeated < QUIET_READINGS) {
      repeated += 1;
      return last;
    }
    before = now;
    repeated = 0;
    last = readAll(now);
    return last;
  };
}
