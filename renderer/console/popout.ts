/** A console in a window of its own: `#/console/<guest>/<kind>` or `#/console/<guest>/exec/<session>`. */
import type { ConsoleKind } from '../../engine/contract/index.ts';
import type { DockTab } from './dock-tabs.ts';

export interface PopOutPlace {
  readonly guest: string;
  readonly kind: ConsoleKind;
  readonly session: string | null;
}

const KINDS: readonly string[] = ['main', 'serial', 'display', 'exec', 'log', 'monitor'];
const SIZE = 'popup,width=900,height=600';

/** The place an address names, or null: it is the main window's. */
export function parsePopOut(hash: string): PopOutPlace | null {
  const [, guest, kind = 'main', session] = /^#\/console\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(hash) ?? [];
  if (!guest || !KINDS.includes(kind) || (kind === 'exec') !== (session !== undefined)) return null;
  try {
    return {
      guest: decodeURIComponent(guest),
      kind: kind as ConsoleKind,
      session: session ? decodeURIComponent(session) : null,
    };
  } catch {
    return null;
  }
}

export function popOutHash({ guest, kind, session }: PopOutPlace): string {
  return `#/console/${[guest, kind, session]
    .filter((part) => part !== null)
    .map((part) => encodeURIComponent(part as string))
    .join('/')}`;
}

/** The tab stays: both show the same session. */
export function popOut(tab: DockTab): void {
  window.open(`${location.pathname}${location.search}${popOutHash(tab)}`, `console ${tab.key}`, SIZE);
}
