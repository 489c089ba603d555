import { expect, test } from 'vitest';
import { m } from '../messages.ts';
import { apart, keepingApart, tame } from './apart.ts';
import { list } from './format.ts';

const HEBREW = 'שלום';

test('what has a direction of its own is kept apart, and nothing else is touched', () => {
  for (const plain of ['web', 'a b (c)', 'größe 12', '数据', '🦊 fox', '<b>x</b>', ''])
    expect(apart(plain)).toBe(plain);
  expect(apart(HEBREW)).toBe(`\u2068${HEBREW}\u2069`);
  expect(apart('سجل.txt')).toBe('\u2068سجل.txt\u2069');
});

test('what would turn the text around is shown as a character, and no isolate is left open or closed too early', () => {
  expect(apart('photo\u202egpj.exe')).toBe('\u2068photo\ufffdgpj.exe\u2069');
  expect(apart('a\u2069b')).toBe('\u2068a\ufffdb\u2069');
  expect(apart('a\u2067b')).toBe('\u2068a\u2067b\u2069\u2069');
  // What was kept apart already stays so.
  expect(tame(apart(HEBREW))).toBe(apart(HEBREW));
});

test('sentences keep apart whatever they are given, in lists too, and in every language', () => {
  expect(list(['web', HEBREW])).toBe(`web and \u2068${HEBREW}\u2069`);
  expect(m.drop.into.title('web', HEBREW)).toContain(`\u2068${HEBREW}\u2069`);
  const words = keepingApart({ plain: 'word', group: { of: (name: string, n: number) => `${name}: ${n}` } });
  expect(words.group.of(HEBREW, 2)).toBe(`\u2068${HEBREW}\u2069: 2`);
  // Once is enough.
  expect(keepingApart(words).group.of(HEBREW, 2)).toBe(`\u2068${HEBREW}\u2069: 2`);
});
