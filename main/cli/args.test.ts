import { expect, test } from 'vitest';
import { parse } from './args.ts';

const OPTIONS = { cpus: { type: 'string' }, volume: { type: 'string', short: 'v' } } as const;

test('a value that looks like an option is told so, with the way to write it', () => {
  expect(() => parse(['x', '--cpus', '-1'], OPTIONS)).toThrow(
    '--cpus needs a value, and what follows it looks like another option.',
  );
  expect(parse(['x', '--cpus=-1'], OPTIONS).values.cpus).toBe('-1');
});

test('an unknown option is named', () => {
  expect(() => parse(['--cpsu', '1'], OPTIONS)).toThrow(/'--cpsu'/);
});
