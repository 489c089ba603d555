import { expect, it } from 'vitest';
import { clash, keyOf, placeText } from './port-key.ts';

const key = (hostIp: string, hostPort = 80, protocol: 'tcp' | 'udp' = 'tcp') => keyOf({ hostIp, hostPort, protocol });
const taken = (...keys: string[]) => new Map(keys.map((one) => [one, 'web']));

it('stands in the way on the same and on every address of its family', () => {
  expect(clash(key('127.0.0.1'), taken(key('127.0.0.1')))).toBe('web');
  expect(clash(key('127.0.0.1'), taken(key('0.0.0.0')))).toBe('web');
  expect(clash(key('::'), taken(key('::1')))).toBe('web');
  expect(clash(key('::1'), taken(key('0:0:0:0:0:0:0:1')))).toBe('web');
  expect(clash(key('127.0.0.1'), taken(key('127.0.0.2'), key('::'), key('127.0.0.1', 81)))).toBeUndefined();
  expect(clash(key('127.0.0.1', 53, 'udp'), taken(key('127.0.0.1', 53)))).toBeUndefined();
});

it('is written as people write it', () => {
  expect(placeText({ hostIp: '::1', hostPort: 53, protocol: 'udp' })).toBe('[::1]:53/udp');
  expect(placeText({ hostIp: '127.0.0.1', hostPort: 80, protocol: 'tcp' })).toBe('127.0.0.1:80');
});
