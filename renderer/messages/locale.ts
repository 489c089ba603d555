/**
 * How the language of the window writes numbers, dates, lists and plurals. Formatters are made once for a language, when
 * first needed: each takes milliseconds.
 */

class Locale {
  readonly tag: string;
  #plurals: Intl.PluralRules | null = null;
  #lists: Intl.ListFormat | null = null;
  #collator: Intl.Collator | null = null;
  readonly #numbers = new Map<string, Intl.NumberFormat>();
  readonly #dates = new Map<string, Intl.DateTimeFormat>();

  constructor(tag: string) {
    this.tag = tag;
  }

  get plurals(): Intl.PluralRules {
    this.#plurals ??= new Intl.PluralRules(this.tag);
    return this.#plurals;
  }

  get lists(): Intl.ListFormat {
    this.#lists ??= new Intl.ListFormat(this.tag, { type: 'conjunction' });
    return this.#lists;
  }

  get collator(): Intl.Collator {
    this.#collator ??= new Intl.Collator(this.tag, { numeric: true, sensitivity: 'base' });
    return this.#collator;
  }

  number(least: number, most: number, grouped: boolean): Intl.NumberFormat {
    const key = `${least} ${most} ${grouped}`;
    let format = this.#numbers.get(key);
    if (!format) {
      const digits = { minimumFractionDigits: least, maximumFractionDigits: most };
      format = new Intl.NumberFormat(this.tag, { ...digits, useGrouping: grouped });
      this.#numbers.set(key, format);
    }
    return format;
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

let current = new Locale('en-GB');

export const locale = (): Locale => current;

/** From here on everything is written as in this language; what stands already is not written again. */
export function useLocale(tag: string): void {
  if (tag !== current.tag) current = new Locale(tag);
}
