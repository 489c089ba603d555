/** Which consoles a guest offers, and the way to open one. The dock itself belongs to `console/` and is told at start. */
import type { ConsoleKind, Guest } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';
import { isLive } from './verbs.ts';

const ORDER: readonly ConsoleKind[] = ['main', 'serial', 'display', 'exec', 'log', 'monitor'];

/** `quietly`: the keyboard stays where it is. */
type Opener = (guestId: string, kind: ConsoleKind, quietly?: boolean) => void;
let opener: Opener | null = null;

export function setConsoleOpener(open: Opener): void {
  opener = open;
}

export const openConsole: Opener = (guestId, kind, quietly) => opener?.(guestId, kind, quietly);

/** In the order of a menu. What was written so far can be read at any time. */
export const consolesOf = (guest: Guest): ConsoleKind[] =>
  ORDER.filter(
    (kind) =>
      kind === 'log' || guest.consoles.includes(kind) || (kind === 'monitor' && guest.isolation !== 'container'),
  );

/** Why it cannot be opened now, or null. */
export function whyNoConsole(guest: Guest, kind: ConsoleKind): string | null {
  const possible =
    kind === 'exec' ? guest.state === 'running' : kind === 'display' || kind === 'monitor' ? isLive(guest.state) : true;
  return possible ? null : m.guests.noConsole;
}
