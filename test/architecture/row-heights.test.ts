/** The list of guests is told its rows' heights before they are drawn: they are those of the design tokens. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROW_HEIGHTS } from '../../renderer/guests/row-heights.ts';

test('rows of the list are as tall as the tokens say', () => {
  const tokens = readFileSync(new URL('../../renderer/ui/tokens.css', import.meta.url), 'utf8');
  const [dense = '', comfortable = ''] = tokens.split('[data-density="comfortable"]');
  const pixels = (css: string, name: string) => Number(new RegExp(`--${name}: (\\d+)px;`).exec(css)?.[1]);
  for (const [density, css] of [
    ['dense', dense],
    ['comfortable', comfortable],
  ] as const)
    expect(ROW_HEIGHTS[density], density).toEqual({ row: pixels(css, 'h-row'), group: pixels(css, 'h-group') });
});
