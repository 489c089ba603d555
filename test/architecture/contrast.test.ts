/** High contrast is a promise in numbers: of every colour of its theme, on every ground it may stand on. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../../renderer/ui/contrast.css', import.meta.url), 'utf8');
const COLOUR = /--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g;
const colours = new Map([...css.matchAll(COLOUR)].map(([, name = '', light = '', dark = '']) => [name, [light, dark]]));

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function ratio(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ['bg', 'bg-chrome', 'bg-sunken', 'bg-raised', 'bg-hover', 'bg-selected', 'bg-selected-idle'];
const named = (pattern: RegExp) => [...colours.keys()].filter((name) => pattern.test(name));

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('%s', (_theme, which) => {
  const of = (name: string) => colours.get(name)?.[which] ?? '';
  const weak = (names: readonly string[], grounds: readonly string[], least: number) =>
    names.flatMap((name) =>
      grounds
        .map((ground) => ({ pair: `${name} on ${ground}`, is: ratio(of(name), of(ground)) }))
        .filter(({ is }) => is < least)
        .map(({ pair, is }) => `${pair}: ${is.toFixed(2)}`),
    );

  test('text is 7:1 on every ground', () => {
    expect(weak([...named(/^text(-2|-3)?$/), ...named(/^state-/), 'danger', 'accent'], GROUNDS, 7)).toEqual([]);
    expect(weak(['text'], ['ok-soft', 'warn-soft', 'danger-soft'], 7)).toEqual([]);
    expect(weak(['on-accent'], ['accent', 'accent-hover', 'accent-press'], 7)).toEqual([]);
    expect(weak(['on-danger'], ['danger'], 7)).toEqual([]);
  });

  test('terminals too', () => {
    expect(weak(named(/^term-(?!bg)/), ['term-bg'], 7)).toEqual([]);
  });

  test('lines, glyphs and charts are 4.5:1', () => {
    expect(
      weak(
        ['line', 'line-strong', 'line-control', 'focus', ...named(/^(iso|series)-\d?|^chart-(axis|limit)/)],
        ['bg', 'bg-sunken'],
        4.5,
      ),
    ).toEqual([]);
  });
});

test('has its colours', () => expect(colours.size).toBeGreaterThan(50));
