import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SPARK_PX } from '../../renderer/graphs/sparkline.ts';

test('a sparkline is drawn as large as the tokens say', () => {
  const css = readFileSync(new URL('../../renderer/ui/tokens.css', import.meta.url), 'utf8');
  expect(/--w-spark: (\d+)px/.exec(css)?.[1]).toBe(String(SPARK_PX.width));
  expect(/--h-spark: (\d+)px/.exec(css)?.[1]).toBe(String(SPARK_PX.height));
});
