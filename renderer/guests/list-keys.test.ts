import { expect, test } from 'vitest';
import { stepOf } from './list-keys.ts';

const press = (key: string, more: Partial<Record<'shiftKey' | 'ctrlKey' | 'altKey', boolean>> = {}) => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});
const order = ['a', 'b', 'c'];

test('arrows move and stop at the ends, shift extends', () => {
  expect(stepOf(press('ArrowDown'), order, null)).toEqual({ type: 'move', id: 'a', extend: false });
  expect(stepOf(press('ArrowDown', { shiftKey: true }), order, 'b')).toEqual({ type: 'move', id: 'c', extend: true });
  expect(stepOf(press('ArrowDown'), order, 'c')).toEqual({ type: 'move', id: 'c', extend: false });
  expect(stepOf(press('ArrowUp'), order, null)).toEqual({ type: 'move', id: 'c', extend: false });
  expect(stepOf(press('PageUp'), order, 'c')).toEqual({ type: 'move', id: 'a', extend: false });
  expect(stepOf(press('ArrowDown'), [], null)).toBeNull();
});

test('letters filter; the window keeps its own keys', () => {
  expect(stepOf(press('w'), order, 'a')).toEqual({ type: 'filter', text: 'w' });
  for (const key of ['/', '?', 'Delete', 'F6', 'Tab']) expect(stepOf(press(key), order, 'a')).toBeNull();
  expect(stepOf(press('s', { altKey: true }), order, 'a')).toBeNull();
  expect(stepOf(press('k', { ctrlKey: true }), order, 'a')).toBeNull();
  expect(stepOf(press('a', { ctrlKey: true }), order, 'a')).toEqual({ type: 'all' });
  expect(stepOf(press('Enter'), order, 'b')).toEqual({ type: 'open', id: 'b' });
});
