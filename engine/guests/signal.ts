/** Sending a signal to a guest's main program. */
import { GuesthouseError } from '../contract/errors.ts';
import { signalNumber } from '../host/signals.ts';
import type { Entry } from './entry.ts';
import { quote } from './quote.ts';

/** Throws `invalid` for what is no signal, `wrong-state`, or `unsupported`. */
export async function sendSignal(entry: Entry, name: string): Promise<void> {
  const { spec } = entry.manifest;
  const number = signalNumber(name);
  if (number === null) {
    throw new GuesthouseError({
      code: 'invalid',
      message: `There is no signal ${quote(name)}.`,
      subject: 'signal',
      hint: 'Name one such as SIGHUP, SIGTERM or SIGRTMIN+3.',
    });
  }
  if (!entry.driver.signal) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${spec.name} is a machine: its programs get their signals from its own kernel.`,
      subject: spec.name,
      hint: 'Stop it, or use its console.',
    });
  }
  if (!entry.running) {
    throw new GuesthouseError({
      code: 'wrong-state',
      message: `${spec.name} is not running.`,
      subject: spec.name,
      hint: 'Start it first.',
    });
  }
  await entry.driver.signal(entry.manifest, number);
}
