/** How a guest's facts are worded in one place for row and page. */
import type { Guest, GuestState } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';
import type { StateShape } from '../ui/icons.ts';

export function shapeOf(state: GuestState): StateShape {
  if (state === 'running' || state === 'paused' || state === 'stopped' || state === 'failed') return state;
  return 'busy';
}

/** Why it failed, short enough for a row. */
export function reasonOf(guest: Guest): string {
  if (guest.exit?.outOfMemory) return m.guests.outOfMemory;
  if (guest.failure) return guest.failure.message;
  return endOf(guest);
}

/** How the last run ended: `exit code 1`, `ended by signal 9`. */
export function endOf(guest: Guest): string {
  const { exit } = guest;
  if (!exit) return '';
  if (exit.outOfMemory) return m.guests.outOfMemory;
  if (exit.signal) return m.guests.killedBy(exit.signal);
  return exit.code === null ? '' : m.guests.exited(exit.code);
}

/** Where a port is reached from this machine; every address of the host includes its own. */
export const hostOf = (hostIp: string): string => (hostIp === '0.0.0.0' || hostIp === '::' ? '127.0.0.1' : hostIp);

export const linkOf = (port: { hostIp: string; hostPort: number }): string =>
  `http://${hostOf(port.hostIp).includes(':') ? `[${hostOf(port.hostIp)}]` : hostOf(port.hostIp)}:${port.hostPort}`;

/** A meter is tight from here on. */
export const TIGHT = 0.85;
