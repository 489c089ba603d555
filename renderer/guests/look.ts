/** How a guest's facts are worded in one place for row and page. */
import type { Guest, GuestState, PortRule, Sample } from '../../engine/contract/index.ts';
import { sentences } from '../messages/sentences.ts';
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

/** Why it failed and what would help, in full. */
export const wayOutOf = (guest: Guest): string =>
  sentences(guest.failure?.message ?? reasonOf(guest), guest.failure?.cause, guest.failure?.hint);

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

/** The same port may be published for TCP and UDP, and at several addresses. */
export const portKey = (port: PortRule): string => `${port.hostIp} ${port.hostPort} ${port.protocol}`;

export const linkOf = (port: { hostIp: string; hostPort: number }): string =>
  `http://${hostOf(port.hostIp).includes(':') ? `[${hostOf(port.hostIp)}]` : hostOf(port.hostIp)}:${port.hostPort}`;

/** A meter is tight from here on. */
const TIGHT = 0.85;

export interface MemoryLook {
  /** Of the limit, or of what was asked for where nothing limits it. 0 to 1. */
  readonly share: number;
  /** Near a limit it cannot pass. */
  readonly tight: boolean;
  /** Whether anything limits what the host gives; a machine's own memory does not. */
  readonly limited: boolean;
  readonly ofBytes: number;
}

export function memoryLook(guest: Guest, sample: Sample | undefined): MemoryLook {
  const limit = sample?.memoryLimitBytes ?? null;
  const ofBytes = limit || guest.spec.memoryMib * 1024 ** 2;
  const share = Math.min(1, (sample?.memoryBytes ?? 0) / ofBytes);
  return { share, tight: limit !== null && share >= TIGHT, limited: limit !== null, ofBytes };
}
