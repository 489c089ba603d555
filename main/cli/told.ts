/** A failure is told once: where its command ends, or before that when the command has to stay for others. */
import { toErrorShape } from '../../engine/contract/errors.ts';
import { printError } from './print.ts';

/** An engine that closes sooner says nothing by itself (ms). */
const LATE_MS = 400;
const told = new WeakSet<object>();

/** Prints it, unless it was told already. */
export function tell(error: unknown): void {
  if (typeof error === 'object' && error !== null) {
    if (told.has(error)) return;
    told.add(error);
  }
  printError(toErrorShape(error));
}

/** Waits for the end of what others still need of this process; `error` is not kept back until then. */
export async function tellWhile(error: unknown, ending: Promise<void>): Promise<void> {
  const timer = setTimeout(() => tell(error), LATE_MS);
  await ending.finally(() => clearTimeout(timer));
}
