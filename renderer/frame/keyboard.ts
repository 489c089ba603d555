/** From a key press to the way shortcuts are written (`Ctrl K`, `Alt S`, `Del`, `?`), and whose key it is. */

const NAMES: Record<string, string> = { Delete: 'Del', Escape: 'Esc', ' ': 'Space' };

/** `Ctrl Shift K`. Letters and digits by their place with Alt, because Alt types other characters on some systems. */
export function chordOf(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  const place = /^(?:Key|Digit)(.)$/.exec(event.code)?.[1];
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  const key = modified && place ? place : (NAMES[event.key] ?? event.key);
  if (event.shiftKey && (modified || key.length > 1)) parts.push('Shift');
  parts.push(key.length === 1 ? key.toUpperCase() : key);
  return parts.join(' ');
}

/** Keys typed into a guest belong to the guest. Parts that pass keys on carry `data-keys="guest"`. */
export const isGuests = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('[data-keys="guest"], .xterm') !== null;

/** Keys without Ctrl or Alt belong to a text field. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest(
    'input:not([type="radio"], [type="checkbox"], [type="range"]), textarea, select, [contenteditable]',
  ) !== null;

/** What takes the focus when a pane gets it, best first. */
const FIRST = [
  '[data-pane-focus]',
  '[aria-current], [aria-selected="true"]',
  'button:not([disabled]), a[href], input:not([disabled])',
] as const;

/** A part that a narrow window has and a wide one hides takes no focus. */
const isDrawn = (part: Element): boolean => part.getClientRects().length > 0;

/** Moves the focus to the next pane (`data-pane`), in the order of the page. */
export function focusPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(isDrawn);
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(at + step + panes.length) % panes.length];
  const inside = FIRST.flatMap((which) => [...(next?.querySelectorAll<HTMLElement>(which) ?? [])]).find(isDrawn);
  (inside ?? next)?.focus();
}
