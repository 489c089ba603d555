/** How the language of the window writes numbers, dates, lists and plurals. Formatters are made once for a language. */

class Locale {
  readonly tag: string;
  readonly plurals: Intl.PluralRules;
  readonly lists: Intl.ListFormat;
  readonly collator: Intl.Collator;
  readonly #numbers = new Map<string, Intl.NumberFormat>();
  readonly #dates = new Map<string, Intl.DateTimeFormat>();

  constructor(tag: string) {
    this.tag = tag;
    this.plurals = new Intl.PluralRules(tag);
    this.lists = new Intl.ListFormat(tag, { type: 'conjunction' });
    this.collator = new Intl.Collator(tag, { numeric: true, sensitivity: 'base' });
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
