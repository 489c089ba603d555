/** Numbers as the filter takes them: `50`, `50%`, `1.5g`, `512MiB`, `100k`, `2h`. Pure. */
import type { Measure } from './fields.ts';
import type { Sign } from './tokens.ts';

export interface Amount {
  /** In the field's raw unit: per cent, bytes, bytes a second, milliseconds. */
  readonly value: number;
  /** What one step of the written number is worth: `cpu:12` is 12.4 as well. */
  readonly grain: number;
  /** Written with a per cent sign. */
  readonly share: boolean;
}

const AMOUNT = /^(\d+(?:[.,]\d+)?)\s*([a-z%]*)(?:\/s)?$/i;
const BINARY: Record<string, number> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const DECIMAL: Record<string, number> = { '': 1, b: 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const SPANS: Record<string, number> = { s: 1e3, m: 60e3, min: 60e3, h: 3600e3, d: 86_400e3, w: 604_800e3 };

/** null: not a number of this measure. */
export function amountOf(text: string, measure: Measure): Amount | null {
  const [, digits, given = ''] = AMOUNT.exec(text) ?? [];
  if (digits === undefined) return null;
  const unit = given.toLowerCase();
  const share = unit === '%';
  const size = share ? 1 : sizeOf(unit, measure);
  if (size === undefined) return null;
  const decimals = /[.,](\d+)$/.exec(digits)?.[1]?.length ?? 0;
  return { value: Number(digits.replace(',', '.')) * size, grain: size / 10 ** decimals, share };
}

function sizeOf(unit: string, measure: Measure): number | undefined {
  if (measure === 'percent' || measure === 'count') return unit === '' ? 1 : undefined;
  if (measure === 'span') return SPANS[unit];
  // `512m`, `512mb` and `512MiB` are what people write for the same.
  return (measure === 'rate' ? DECIMAL : BINARY)[unit.replace(/i?b$/, '')];
}

export function compares(is: number, sign: Sign, { value, grain }: Amount): boolean {
  switch (sign) {
    case '>':
      return is > value;
    case '<':
      return is < value;
    case '>=':
      return is >= value;
    case '<=':
      return is <= value;
    default:
      return Math.abs(is - value) < grain / 2 || is === value;
  }
}
