/**
 * npm runs a script by way of a shell. A SIGTERM to npm ends these two; the script hears nothing of it and would go on
 * with nobody there who could end it.
 */

/** How often it is looked (ms). */
const LOOK_MS = 500;
const parent = process.ppid;

/**
 * Calls `act` once when whoever ran this script as an npm script is gone. Run by hand, a script may well outlive the
 * shell it was started from.
 * @param {() => void} act
 */
export function whenOrphaned(act) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, LOOK_MS);
  timer.unref();
}
