import { expect, test } from 'vitest';
import { createDetach, detachKeys, LEAVE_KEYS } from './detach-keys.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
/** What passes of the pieces, and whether they left. */
const typed = (keys: Uint8Array, ...pieces: string[]) => {
  const feed = createDetach(keys);
  let seen = '';
  for (const piece of pieces) {
    const { pass, left } = feed(bytes(piece));
    seen += Buffer.from(pass).toString('latin1');
    if (left) return `${seen} left`;
  }
  return seen;
};

test('keys are written as docker has them', () => {
  expect(detachKeys('ctrl-p,ctrl-q')).toEqual(Uint8Array.of(16, 17));
  expect(detachKeys('ctrl-]')).toEqual(LEAVE_KEYS);
  expect(detachKeys('ctrl-\\,x')).toEqual(Uint8Array.of(28, 120));
  for (const wrong of ['', 'ctrl-', 'ctrl-pp', 'ctrl-p,', 'alt-x', 'ä'])
    expect(() => detachKeys(wrong)).toThrow(/--detach-keys/);
});

test('are found however they arrive, and nothing else is lost', () => {
  const keys = detachKeys('ctrl-p,ctrl-q');
  expect(typed(keys, 'ls\r\x10\x11rest')).toBe('ls\r left');
  expect(typed(keys, 'a\x10', '\x11')).toBe('a left');
  expect(typed(keys, '\x10x', '\x10\x10', '\x11')).toBe('\x10x\x10 left');
  expect(typed(keys, '\x11\x10')).toBe('\x11');
  expect(typed(detachKeys('a,a,b'), 'aaab')).toBe('a left');
  expect(typed(LEAVE_KEYS, 'exit\r')).toBe('exit\r');
});
