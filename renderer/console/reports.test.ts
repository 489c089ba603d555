import { describe, expect, it } from 'vitest';
import { isReport } from './reports.ts';

describe('what a terminal sends', () => {
  it.each([
    ['pointer', '\x1b[M !!'],
    ['pointer, SGR', '\x1b[<0;12;3M'],
    ['focus', '\x1b[I'],
    ['device attributes', '\x1b[?1;2c'],
    ['secondary attributes', '\x1b[>0;276;0c'],
    ['status', '\x1b[0n'],
    ['cursor', '\x1b[24;80R'],
    ['window', '\x1b[8;24;80t'],
    ['a mode', '\x1b[?2004;1$y'],
    ['a setting', '\x1bP1$r0m\x1b\\'],
    ['a colour', '\x1b]11;rgb:ffff/ffff/ffff\x1b\\'],
  ])('by itself: %s', (_, text) => expect(isReport(text)).toBe(true));

  it.each([
    ['letters', 'ls -l\r'],
    ['arrow', '\x1b[A'],
    ['arrow with Ctrl', '\x1b[1;5C'],
    ['arrow, application', '\x1bOA'],
    ['F3 with Shift', '\x1b[1;2R'],
    ['F5', '\x1b[15~'],
    ['Shift Tab', '\x1b[Z'],
    ['Alt X', '\x1bx'],
    ['Esc', '\x1b'],
    ['pasted', '\x1b[200~ls\x1b[201~'],
    ['Ctrl C', '\x03'],
  ])('typed: %s', (_, text) => expect(isReport(text)).toBe(false));
});
