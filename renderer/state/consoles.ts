/** Which consoles a guest offers, and the way to open one in the dock. */
import type { ConsoleKind, Guest } from '../../engine/contract/index.ts';

const ORDER: readonly ConsoleKind[] = ['main', 'serial', 'display', 'exec', 'log'];

/** What the dock's module offers; it belongs to `renderer/console/` and is found at build time. */
interface DockModule {
  openConsole(guestId: string, kind: ConsoleKind): void;
}
const found = import.meta.glob<DockModule>('../console/dock.svelte.ts', { eager: true });
const dock = Object.values(found)[0];

/** In the order of a menu. A container has a log even when it does not run. */
export const consolesOf = (guest: Guest): ConsoleKind[] =>
  dock ? ORDER.filter((kind) => guest.consoles.includes(kind)) : [];

export const openConsole = (guestId: string, kind: ConsoleKind): void => dock?.openConsole(guestId, kind);
