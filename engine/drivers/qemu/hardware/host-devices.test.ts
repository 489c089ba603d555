import { expect, test } from 'vitest';
import { lockedMemory } from './host-devices.ts';

const limits = (soft: string, hard: string) => `Limit\nMax locked memory         ${soft}   ${hard}   bytes     \n`;

test('all memory is locked, as far as the limits let us', () => {
  expect(lockedMemory(512, limits('unlimited', 'unlimited'), false)).toEqual([]);
  expect(lockedMemory(512, limits('2147483648', '2147483648'), false)).toEqual([]);
  expect(lockedMemory(512, limits('65536', 'unlimited'), false)).toEqual(['prlimit', '--memlock=1073741824:unlimited']);
  expect(lockedMemory(512, limits('65536', '65536'), true)).toEqual(['prlimit', '--memlock=1073741824:1073741824']);
  expect(() => lockedMemory(512, limits('65536', '65536'), false)).toThrow('lock all of its memory');
});
