/**
 * How the language of the window writes numbers, dates, lists and plurals. Formatters are made once for a language, when
 * first needed: each takes milliseconds, the first of a page tens of them, so that the first picture is drawn without any.
 */
import { type Marks, written } from './digits.ts';

/** A language as it is needed before the first picture. */
export interface LocaleTraits {
  /** As in BCP 47. */
  readonly tag: string;
  readonly marks: Marks;
  /** One thing is one, all else are many: then no rules are asked. */
  readonly oneOrMany: boolean;
}

class Locale {
  readonly tag: string;
  readonly #traits: LocaleTraits;
  #plurals: Intl.PluralRules | null = null;
  #lists: Intl.ListFormat | null = null;
  #collator: Intl.Collator | null = null;
  readonly #dates = new Map<string, Intl.DateTimeFormat>();

  constructor(traits: LocaleTraits) {
    this.tag = traits.tag;
    this.#traits = traits;
  }

  plural(n: number): Intl.LDMLPluralRule {
    if (this.#traits.oneOrMany) return n === 1 ? 'one' : 'other';
    this.#plurals ??= new Intl.PluralRules(this.tag);
    return this.#plurals.select(n);
  }

  get lists(): Intl.ListFormat {
    this.#lists ??= new Intl.ListFormat(this.tag, { type: 'conjunction' });
    return this.#lists;
  }

  get collator(): Intl.Collator {
    this.#collator ??= new Intl.Collator(this.tag, { numeric: true, sensitivity: 'base' });
    return this.#collator;
  }

  number(value: number, least: number, most: number, grouped: boolean): string {
    return written(value, least, most, grouped, this.#traits.marks);
  }

  /** `name` stands for the options: the same name, the same options. */
  date(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    let format = this.#dates.get(name);
    if (!format) {
      format = new Intl.DateTimeFormat(this.tag, options);
      this.#dates.set(name, format);
    }
    return format;
  }
}

export const ENGLISH: LocaleTraits = { tag: 'en-GB', marks: { decimal: '.', group: ',' }, oneOrMany: true };

let current = new Locale(ENGLISH);

export const locale = (): Locale => current;

/** From here on everything is written as in this language; what stands already is not written again. */
export function useLocale(traits: LocaleTraits): void {
  if (traits.tag !== current.tag) current = new Locale(traits);
}
