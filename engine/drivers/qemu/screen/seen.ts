/** What there is to look at of a machine: each has a serial line, and all but microVMs have a screen. */
import { GuesthouseError } from '../../../contract/errors.ts';
import type { ConsoleKind } from '../../../contract/guest.ts';
import type { LiveMachine } from '../live.ts';
import type { RunRecord } from '../run-record.ts';

/** `exec`: where init is ours. */
export function consolesOf({ agent, hardware }: RunRecord): ConsoleKind[] {
  return [
    'serial',
    ...(hardware?.video === 'none' ? [] : ['display' as const]),
    'log',
    ...(agent ? ['exec' as const] : []),
  ];
}

/** Throws `unsupported` for one without a screen, keyboard and pointer. */
export function seen(machine: LiveMachine, guestName: string): LiveMachine {
  if (machine.record.hardware?.video !== 'none') return machine;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `${guestName} has no screen.`,
    subject: guestName,
    cause: 'A microVM has a serial line and nothing else to look at.',
    hint: 'Use its console, or make it a VM.',
  });
}
