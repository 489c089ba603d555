/** In a focused console every key goes to the guest, except F6, F11 and Ctrl Shift with a few letters. Pure. */

/** Letters that mean something with Ctrl and Shift. K and J are the window's, T, W and F the dock's, C and V the console's. */
const LETTERS = 'KTWFCVJ';

type Press = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** `F6`, `F11`, `Ctrl Shift T`, … or null: the key is the guest's. */
export function reservedKey(press: Press): string | null {
  const command = press.ctrlKey || press.metaKey;
  if (press.key === 'F6' && !command && !press.altKey) return press.shiftKey ? 'Shift F6' : 'F6';
  if (press.key === 'F11' && !command && !press.altKey && !press.shiftKey) return 'F11';
  if (!command || !press.shiftKey || press.altKey) return null;
  const letter = /^Key(.)$/.exec(press.code)?.[1] ?? press.key.toUpperCase();
  return LETTERS.includes(letter) ? `Ctrl Shift ${letter}` : null;
}
