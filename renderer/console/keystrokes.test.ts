import { expect, it } from 'vitest';
import { keystrokesOf } from './keystrokes.ts';

it('types a text as on a US keyboard', () => {
  expect(keystrokesOf('aB1!\r\n\t|\x03é')).toEqual([
    { keysym: 0x61, code: 'KeyA', shift: false },
    { keysym: 0x42, code: 'KeyB', shift: true },
    { keysym: 0x31, code: 'Digit1', shift: false },
    { keysym: 0x21, code: 'Digit1', shift: true },
    { keysym: 0xff0d, code: 'Enter', shift: false },
    { keysym: 0xff09, code: 'Tab', shift: false },
    { keysym: 0x7c, code: 'Backslash', shift: true },
    { keysym: 0xe9, code: null, shift: false },
  ]);
});
