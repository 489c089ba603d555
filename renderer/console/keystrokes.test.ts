import { expect, it } from 'vitest';
import { keystrokesOf } from './keystrokes.ts';

it('types a text as on the keyboard of the guest, and says what it cannot', () => {
  const stroke = (keysym: number, code: string, shift = false, altGr = false) => ({ keysym, code, shift, altGr });
  expect(keystrokesOf('aB1!\r\n\t|\x03é', 'us')).toEqual({
    strokes: [
      stroke(0x61, 'KeyA'),
      stroke(0x42, 'KeyB', true),
      stroke(0x31, 'Digit1'),
      stroke(0x31, 'Digit1', true),
      stroke(0xff0d, 'Enter'),
      stroke(0xff09, 'Tab'),
      stroke(0x20, 'Backslash', true),
    ],
    missing: ['é'],
  });
  expect(keystrokesOf('Z@', 'de')).toEqual({
    strokes: [stroke(0x59, 'KeyY', true), stroke(0x71, 'KeyQ', false, true)],
    missing: [],
  });
});
