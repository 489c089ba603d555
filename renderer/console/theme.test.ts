import { expect, test } from 'vitest';
import { familyOf, type TermColours, xtermTheme } from './theme.ts';

const DARK = 'rgb(15, 17, 20)';
const LIGHT = 'rgb(213, 217, 224)';
const themeOf = (ground: string, text: string) =>
  xtermTheme({ '--term-bg': ground, '--term-fg': text } as unknown as TermColours);

test('black is dark and white is light on either ground', () => {
  for (const theme of [themeOf(DARK, LIGHT), themeOf(LIGHT, DARK)])
    expect([theme.black, theme.white, theme.brightWhite]).toEqual([DARK, LIGHT, LIGHT]);
});

test('a font is asked for by name, with those of the window behind it', () => {
  expect(familyOf(' Fira Code ', 'monospace')).toBe('"Fira Code", monospace');
  expect(familyOf('x", url(evil);', 'monospace')).toBe('"x urlevil", monospace');
  expect(familyOf('""', 'monospace')).toBe('monospace');
});
