/** One act for each of many names: every one is tried, failures are told, and one failure makes the exit code 1. */
import { toErrorShape } from '../../engine/contract/errors.ts';
import { printError } from './print.ts';

/** Prints what `act` answers (nothing for `null`), else the name. */
export async function forEachName(
  names: readonly string[],
  act: (name: string) => Promise<unknown>,
  shown: (answer: unknown, name: string) => string | null = (_, name) => name,
): Promise<number> {
  let failed = false;
  for (const name of names) {
    try {
      const line = shown(await act(name), name);
      if (line !== null) process.stdout.write(`${line}\n`);
    } catch (error) {
      failed = true;
      printError(toErrorShape(error));
    }
  }
  return failed ? 1 : 0;
}

/** Of an act that is to have been done already when there is nothing of that name; with `force` alone. */
export async function unlessAbsent<T>(force: boolean | undefined, act: Promise<T>): Promise<T | null> {
  return act.catch((error: unknown) => {
    if (force && toErrorShape(error).code === 'not-found') return null;
    throw error;
  });
}
