/**
 * Which language the window speaks. English is part of the start script; another language is a file set in a folder
 * beside this file, fetched when it is chosen and laid over the English words, so that a missing word is an English one.
 */
import { m as console } from '../console/messages.ts';
import { m as graphs } from '../graphs/messages.ts';
import { m as window } from '../messages.ts';
import { keepingApart } from './apart.ts';
import { ENGLISH, type LocaleTraits, useLocale } from './locale.ts';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];
/** `system`: the first of the person's languages that there is. */
export type LanguageChoice = 'system' | Language;

/** All words there are. `window.format` makes numbers and is no word. */
export const english = { window, console, graphs };

/** The same words in another language, as far as there are any. What takes arguments takes the same ones. */
export type Translated<T> = T extends (...args: infer A) => infer R
  ? (...args: A) => R
  : T extends string
    ? string
    : T extends readonly unknown[]
      ? T
      : { readonly [K in keyof T]?: Translated<T[K]> };
export interface Translation {
  readonly window: Translated<Omit<typeof window, 'format'>>;
  readonly console: Translated<typeof console>;
  readonly graphs: Translated<typeof graphs>;
}

const OTHERS: Record<Exclude<Language, 'en'>, () => Promise<Translation>> = {
  de: async () => (await import('./de/index.ts')).de,
};
const TRAITS: Record<Language, LocaleTraits> = {
  en: ENGLISH,
  de: { tag: 'de-DE', marks: { decimal: ',', group: '.' }, oneOrMany: true },
};

/** `wished` as in `navigator.languages`: `['de-AT', 'en']`. */
export function languageOf(choice: string, wished: readonly string[]): Language {
  const known = (tag: string) => LANGUAGES.find((language) => language === tag.toLowerCase().split('-')[0]);
  return known(choice) ?? wished.map(known).find((language) => language !== undefined) ?? 'en';
}

const isGroup = (it: unknown): it is Record<string, unknown> =>
  typeof it === 'object' && it !== null && !Array.isArray(it);

/** Puts `words` in place of those of `target`, in place: whoever holds a part of it sees the new words. */
export function overlay(target: object, words: object): void {
  lay(target, words);
  keepingApart(target);
}

function lay(target: object, words: object): void {
  const onto = target as Record<string, unknown>;
  for (const [key, word] of Object.entries(words)) {
    const was = onto[key];
    if (isGroup(was) && isGroup(word)) lay(was, word);
    else if (Object.hasOwn(onto, key)) onto[key] = word;
  }
}

/** A copy of the groups; the words themselves are shared. */
const copyOf = (words: object): object =>
  Object.fromEntries(Object.entries(words).map(([key, word]) => [key, isGroup(word) ? copyOf(word) : word]));

let spoken: Language = 'en';
/** The English words, from when another language was first laid over them. */
let kept: object | null = null;

/** Changes every word, number and date that is written from here on. What the window shows must be written anew. */
export async function speak(language: Language): Promise<void> {
  const words = language === 'en' ? null : await OTHERS[language]();
  if (kept && spoken !== language) overlay(english, kept);
  if (words) {
    const { format: _, ...sentences } = window;
    kept ??= copyOf({ window: sentences, console, graphs });
    overlay(english, words);
  }
  spoken = language;
  useLocale(TRAITS[language]);
  document.documentElement.lang = language;
}
