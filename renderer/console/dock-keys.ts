/** The dock's own keys. In a console only those with Ctrl and Shift are taken; everything else is the guest's. */
import { dock } from './dock.svelte.ts';
import { reservedKey } from './keys.ts';

const isGuests = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('[data-keys="guest"]') !== null;

/** Whether the key was one of ours, and was acted on. */
export function dockKey(event: KeyboardEvent): boolean {
  if (isGuests(event.target)) return act(reservedKey(event)?.replace('Ctrl Shift ', '') ?? '');
  const command = event.ctrlKey || event.metaKey;
  const letter = /^Key(.)$/.exec(event.code)?.[1] ?? '';
  // In a browser's own tab Ctrl with T and W never arrive; Alt does the same.
  if (command !== event.altKey && !event.shiftKey && act(letter)) return true;
  if (!command || event.altKey) return false;
  if (event.key === 'Tab') dock.cycle(event.shiftKey ? -1 : 1);
  else if (event.code === 'Backslash' && !event.shiftKey) dock.split();
  else return false;
  return true;
}

function act(letter: string): boolean {
  if (letter === 'T') dock.menuAsked += 1;
  else if (letter === 'W') dock.closeShown();
  else if (letter === 'F') dock.searchAsked += 1;
  else return false;
  return true;
}
