import { expect, it } from 'vitest';
import { signalNumber } from './signals.ts';

it.each([
  ['SIGTERM', 15],
  ['hup', 1],
  ['9', 9],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
  ['SIGRTMIN', 34],
  ['SIGRTMIN-1', null],
  ['SIGRTMIN+40', null],
  ['0', null],
  ['65', null],
  ['', null],
  ['SIGNONE', null],
  ['__proto__', null],
  ['SIG SIGTERM', null],
])('%j is %j', (name, number) => {
  expect(signalNumber(name)).toBe(number);
});
