/** Which consoles a guest can offer, and why not now. Pure. */
import type { ConsoleKind, Guest } from '../../engine/contract/index.ts';
import { m } from './messages.ts';

const ORDER: readonly ConsoleKind[] = ['main', 'serial', 'display', 'exec', 'log'];

export interface Offer {
  readonly kind: ConsoleKind;
  /** null: possible now. */
  readonly why: string | null;
}

/** The log and what shows it (main, serial) are there for a guest at rest as well; a shell and a screen are not. */
export function offersOf(guest: Guest): Offer[] {
  const live = guest.state === 'running' || guest.state === 'paused' || guest.state === 'stopping';
  return ORDER.filter((kind) => kind === 'log' || guest.consoles.includes(kind)).map((kind) => ({
    kind,
    why:
      kind === 'exec' && guest.state !== 'running' ? m.notRunning : kind === 'display' && !live ? m.notRunning : null,
  }));
}

/** The one to show first. */
export function firstKind(guest: Guest): ConsoleKind {
  return offersOf(guest).find(({ why }) => why === null)?.kind ?? 'log';
}
