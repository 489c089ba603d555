/** Numbers in digits. `Intl.NumberFormat` would do the same, but the first one of a page keeps it waiting (25 ms here). */

/** What a language puts between digits, which it groups by three. */
export interface Marks {
  readonly decimal: string;
  readonly group: string;
}

/** With `most` decimals, of which zeros at the end are left out down to `least` of them. */
export function written(value: number, least: number, most: number, grouped: boolean, marks: Marks): string {
  // By far the most of what a window writes each second.
  if (most === 0 && value >= 0 && value < 999.5) return String(Math.round(value));
  const text = value.toFixed(most);
  // From 1e21 on there are powers in it, and nothing to group in NaN.
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
  const [whole = '', all = ''] = text.split('.');
  let decimals = all;
  while (decimals.length > least && decimals.endsWith('0')) decimals = decimals.slice(0, -1);
  const digits = grouped && whole.length > 3 ? whole.replace(/\B(?=(?:\d{3})+$)/g, marks.group) : whole;
  return decimals === '' ? digits : digits + marks.decimal + decimals;
}
