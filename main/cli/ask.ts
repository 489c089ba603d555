/** A question that is answered with yes or no, on the terminal. */
import { createInterface } from 'node:readline/promises';
import { misused } from './args.ts';

/** False for anything but a yes. Without a terminal nobody can be asked: throws `invalid` naming `-f`. */
export async function isSure(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw misused('This asks first, and there is no terminal to ask on.', 'Give -f to do it at once.');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
