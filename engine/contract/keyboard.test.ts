import { expect, test } from 'vitest';
import { KEYBOARD_LAYOUTS, KEYS, type KeyPress, keysOf } from './keyboard.ts';

const shown = ({ code, shift, altGr }: KeyPress) => `${shift ? 'shift-' : ''}${altGr ? 'altgr-' : ''}${code}`;
const pressed = (text: string, layout: Parameters<typeof keysOf>[1]) => keysOf(text, layout).presses.map(shown);

test('every layout types what is written in programs, and its own letters', () => {
  const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
  const own: Partial<Record<string, string>> = {
    gb: '£',
    de: 'äöüÄÖÜß€§°',
    ch: 'äöüéèàç',
    fr: 'éèçàùâêîôûëïü²',
    es: 'ñÑçáéíóú¿¡',
    it: 'àèéìòù°',
    pt: 'çãõáêÇ',
    br: 'çãõáêÇ',
    dk: 'æøåÆØÅ',
    no: 'æøåÆØÅ',
    se: 'åäöÅÄÖ',
    fi: 'åäö',
    pl: 'ąćęłńóśźż',
  };
  expect(new Set(KEYS).size).toBe(49);
  for (const layout of KEYBOARD_LAYOUTS)
    expect([layout, keysOf(`${ascii}\n\t${own[layout] ?? ''}`, layout).missing]).toEqual([layout, []]);
});

test('keys are where each keyboard has them', () => {
  expect(pressed('zZ@{ß', 'de')).toEqual(['KeyY', 'shift-KeyY', 'altgr-KeyQ', 'altgr-Digit7', 'Minus']);
  expect(pressed('aq1!<', 'fr')).toEqual(['KeyQ', 'KeyA', 'shift-Digit1', 'Slash', 'IntlBackslash']);
  expect(pressed('<"@', 'us')).toEqual(['shift-Comma', 'shift-Quote', 'shift-Digit2']);
  expect(pressed('"@\\', 'gb')).toEqual(['shift-Digit2', 'shift-Quote', 'IntlBackslash']);
  expect(pressed('/?', 'br')).toEqual(['IntlRo', 'shift-IntlRo']);
});

test('dead keys go before their letter, and before a blank to stand alone', () => {
  expect(pressed('é^', 'de')).toEqual(['Equal', 'KeyE', 'Backquote', 'Space']);
  // As two characters, too.
  expect(pressed('e\u0301', 'de')).toEqual(['Equal', 'KeyE']);
  expect(pressed('Ê', 'fr')).toEqual(['BracketLeft', 'shift-KeyE']);
});

test('what has no key is told, once, and line ends are Enter', () => {
  const { presses, missing } = keysOf('a\r\nß中ß\u0007', 'us');
  expect(presses.map(shown)).toEqual(['KeyA', 'Enter']);
  expect(missing).toEqual(['ß', '中', '\u0007']);
});
