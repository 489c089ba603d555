import { describe, expect, it } from 'vitest';
import { reservedKey } from './keys.ts';

const press = (key: string, modifiers: Partial<KeyboardEvent> = {}, code = `Key${key.toUpperCase()}`) => ({
  key,
  code: key.length === 1 ? code : key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});

describe('a focused console', () => {
  it('keeps nothing for the window but what is agreed', () => {
    expect(reservedKey(press('F6'))).toBe('F6');
    expect(reservedKey(press('F6', { shiftKey: true }))).toBe('Shift F6');
    expect(reservedKey(press('F11'))).toBe('F11');
    for (const letter of 'KTWFCVJ') {
      expect(reservedKey(press(letter, { ctrlKey: true, shiftKey: true }))).toBe(`Ctrl Shift ${letter}`);
    }
  });

  it('gives everything else to the guest', () => {
    for (const key of ['c', 'k', 't', 'w', 'j', 'f', '\\'])
      expect(reservedKey(press(key, { ctrlKey: true }))).toBeNull();
    for (const key of ['Tab', 'Escape', 'F1', 'F5', 'F10', 'F12']) expect(reservedKey(press(key))).toBeNull();
    expect(reservedKey(press('F6', { ctrlKey: true }))).toBeNull();
    expect(reservedKey(press('Z', { ctrlKey: true, shiftKey: true }))).toBeNull();
    expect(reservedKey(press('T', { ctrlKey: true, shiftKey: true, altKey: true }))).toBeNull();
  });
});
