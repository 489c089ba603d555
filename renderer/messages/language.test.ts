import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { m as consoles } from '../console/messages.ts';
import { m } from '../messages.ts';
import { bytes, clock, compare, count, finePercent, fixed, list, moment, plural, seconds } from './format.ts';
import { languageOf, overlay, speak } from './language.ts';

test('the system’s language is the first one there is', () => {
  expect(languageOf('system', ['de-AT', 'en'])).toBe('de');
  expect(languageOf('system', ['fr-FR', 'DE'])).toBe('de');
  expect(languageOf('system', ['fr', 'ja'])).toBe('en');
  expect(languageOf('en', ['de'])).toBe('en');
  expect(languageOf('de', ['en'])).toBe('de');
  expect(languageOf('klingon', ['de'])).toBe('de');
});

test('words are laid over words, and no others', () => {
  const target = { a: 'one', group: { b: 'two', c: (n: number) => `${n}` }, rows: ['x'] };
  const { group } = target;
  overlay(target, { a: 'eins', group: { b: 'zwei', stranger: 'nein' }, rows: ['y'] });
  expect(target).toMatchObject({ a: 'eins', group: { b: 'zwei' }, rows: ['y'] });
  expect(group.b).toBe('zwei');
  expect(group).not.toHaveProperty('stranger');
  expect(group.c(1)).toBe('1');
});

describe('the window speaks German, and English again', () => {
  beforeEach(() => vi.stubGlobal('document', { documentElement: { lang: 'en' } }));
  afterEach(async () => {
    await speak('en');
    vi.unstubAllGlobals();
  });

  test('words, also those somebody holds already', async () => {
    const held = m.guests.overview;
    const english = { state: held.state, back: m.frame.back, verb: m.words.verb('start'), copied: consoles.copied };
    await speak('de');
    expect(document.documentElement.lang).toBe('de');
    expect(held.state).toBe('Zustand');
    expect([m.frame.back, m.words.verb('start'), consoles.copied]).toEqual(['Zurück', 'Starten', 'Kopiert']);
    // Not translated: stays what it was.
    expect(m.frame.product).toBe('Guesthouse');
    await speak('de');
    await speak('en');
    expect({ state: held.state, back: m.frame.back, verb: m.words.verb('start'), copied: consoles.copied }).toEqual(
      english,
    );
    expect(document.documentElement.lang).toBe('en');
  });

  test('numbers, dates and lists', async () => {
    const noon = new Date(2026, 10, 5, 12, 3, 4).getTime();
    await speak('de');
    expect([1.5 * 1024 ** 2, 3.6 * 1024 ** 3, 1234 * 1024 ** 3, 5].map(bytes)).toEqual([
      '1,5 MiB',
      '3,6 GiB',
      '1.234 GiB',
      '5 Byte',
    ]);
    expect([seconds(90), seconds(3400), finePercent(0.4), count(1234), fixed(1234.5, 1)]).toEqual([
      '0,09 s',
      '3,4 s',
      '0,4 %',
      '1.234',
      '1234,5',
    ]);
    expect(list(['a', 'b', 'c'])).toBe('a, b und c');
    expect([clock(noon), moment(noon, noon + 86_400_000)]).toEqual(['12:03:04', '5. Nov. 2026, 12:03:04']);
    expect([1, 2, 1234].map((n) => m.words.guests(n))).toEqual(['1 Gast', '2 Gäste', '1.234 Gäste']);
    expect(['zwei', 'äpfel', 'birnen'].sort(compare)).toEqual(['äpfel', 'birnen', 'zwei']);
    await speak('en');
    expect([bytes(1234 * 1024 ** 3), seconds(90), m.words.guests(1234), list(['a', 'b', 'c'])]).toEqual([
      '1,234 GiB',
      '0.09 s',
      '1,234 guests',
      'a, b and c',
    ]);
  });
});

test('a plural without its own form takes the one for others', () => {
  expect([0, 1, 2].map((n) => plural(n, { one: 'one thing', other: '# things' }))).toEqual([
    '0 things',
    'one thing',
    '2 things',
  ]);
  expect(plural(1, { other: '# sheep' })).toBe('1 sheep');
});
