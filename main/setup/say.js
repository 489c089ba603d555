/** What set-up says: one line per thing done, on standard error so that a script can read standard output alone. */

/** A step that is about to be done. @param {string} line */
export function say(line) {
  process.stderr.write(`guesthouse: ${line}\n`);
}

/** A failure a person can act on: one sentence for what happened, one for what to do. Printed without a stack. */
export class SetupError extends Error {
  /** @param {string} message @param {string} hint */
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** Runs the body of a command of set-up; its failure becomes one message and exit code 1. @param {() => Promise<number>} body */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    if (error instanceof SetupError) {
      say(error.message);
      if (error.hint) say(error.hint);
    } else {
      say('set-up failed for a reason nobody foresaw; please report this:');
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    }
    process.exitCode = 1;
  }
}
