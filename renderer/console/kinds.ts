/** Which consoles a guest can offer, and why not now. Pure. */
import type { ConsoleKind, Guest } from '../../engine/contract/index.ts';
import { m } from './messages.ts';

const ORDER: readonly ConsoleKind[] = ['main', 'serial', 'display', 'exec', 'log', 'monitor'];

export interface Offer {
  readonly kind: ConsoleKind;
  /** null: possible now. */
  readonly why: string | null;
}

/** What every guest of a kind can have, running or not; a screen only if the guest says so. */
const ALWAYS: Record<Guest['isolation'], readonly ConsoleKind[]> = {
  container: ['main', 'exec', 'log'],
  microvm: ['serial', 'log', 'monitor'],
  vm: ['serial', 'log', 'monitor'],
};

/** The log and what shows it (main, serial) are there for a guest at rest as well; a shell and a screen are not. */
export function offersOf(guest: Guest): Offer[] {
  const live = guest.state === 'running' || guest.state === 'paused' || guest.state === 'stopping';
  const kinds = [...ALWAYS[guest.isolation], ...guest.consoles];
  return ORDER.filter((kind) => kinds.includes(kind)).map((kind) => ({
    kind,
    why:
      (kind === 'exec' && guest.state !== 'running') || ((kind === 'display' || kind === 'monitor') && !live)
        ? m.notRunning
        : null,
  }));
}

/** The one to show first. */
export function firstKind(guest: Guest): ConsoleKind {
  // What boots a medium is installed on its screen; its serial line stays empty.
  const screen = guest.spec.iso !== null && guest.consoles.includes('display');
  if (screen && offersOf(guest).some(({ kind, why }) => kind === 'display' && why === null)) return 'display';
  return offersOf(guest).find(({ why }) => why === null)?.kind ?? 'log';
}
