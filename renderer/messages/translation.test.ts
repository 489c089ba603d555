/** What another language lacks, and that what it has fits in where the English words stand. */
import { describe, expect, test } from 'vitest';
import { de } from './de/index.ts';
import { english, LANGUAGES } from './language.ts';

/** A language may lag behind by so much (share of all words): whoever adds words is not stopped. */
const MOST_MISSING = 0.05;

/** Every word under its path: `window.frame.back`. */
function wordsOf(group: object, path = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, word] of Object.entries(group)) {
    const at = path ? `${path}.${key}` : key;
    if (typeof word === 'object' && !Array.isArray(word)) for (const inner of wordsOf(word, at)) found.set(...inner);
    else found.set(at, word);
  }
  return found;
}

const { format: _, ...window } = english.window;
const wanted = wordsOf({ ...english, window });

test('every language has words here', () => expect(['en', 'de']).toEqual([...LANGUAGES]));

describe.each([['de', wordsOf(de)]])('%s', (language, given) => {
  test('lacks few words', () => {
    // The same in both languages by intention.
    const same = /\.(product|exampleList|languages\.(en|de))$/;
    const missing = [...wanted.keys()].filter((path) => !given.has(path) && !same.test(path));
    if (missing.length > 0)
      console.info(`${language} lacks ${missing.length} of ${wanted.size}:\n${missing.join('\n')}`);
    expect(missing.length > MOST_MISSING * wanted.size ? missing : []).toEqual([]);
  });

  test('has no word that is not asked for', () => {
    expect([...given.keys()].filter((path) => !wanted.has(path))).toEqual([]);
  });

  test('takes what the English word takes', () => {
    const shape = (word: unknown) => (typeof word === 'function' ? `${word.length} parameters` : typeof word);
    const other = [...given].filter(([path, word]) => shape(word) !== shape(wanted.get(path)));
    expect(other.map(([path, word]) => `${path}: ${shape(word)}, not ${shape(wanted.get(path))}`)).toEqual([]);
  });

  test('lists as many things as English does', () => {
    const other = [...given].filter(([path, word]) => {
      const was = wanted.get(path);
      return Array.isArray(word) && Array.isArray(was) && word.length !== was.length;
    });
    expect(other.map(([path]) => path)).toEqual([]);
  });
});
