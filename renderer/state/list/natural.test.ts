import { expect, test } from 'vitest';
import { compareNames } from './natural.ts';

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

test('numbers count by their value, capitals do not', () => {
  const names = ['web-10', 'Web-2', 'db', 'web', 'web-02a', 'web_1', '7', '10', 'a.b'];
  expect(names.sort(compareNames)).toEqual(['7', '10', 'a.b', 'db', 'web', 'web_1', 'Web-2', 'web-02a', 'web-10']);
});

test('a plain name stands where a collator would put it', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const parts = ['a', 'B', 'z', '0', '00', '7', '12', '012', '-', '_', '.', 'web', 'é', '☂', 'ß'];
  const name = () => Array.from({ length: 1 + random(5) }, () => parts[random(parts.length)]).join('');
  for (let n = 0; n < 4_000; n++) {
    const [a, b] = [name(), name()];
    expect([a, b, Math.sign(compareNames(a, b))]).toEqual([a, b, Math.sign(collator.compare(a, b))]);
  }
});
