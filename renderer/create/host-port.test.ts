import { expect, test } from 'vitest';
import { formatHostPort, parseHostPort } from './host-port.ts';
import { tokensOf } from './json-tokens.ts';

test('host ports as one writes them', () => {
  expect(parseHostPort('8080')).toEqual({ hostIp: '127.0.0.1', hostPort: 8080 });
  expect(parseHostPort(' 0.0.0.0:80 ')).toEqual({ hostIp: '0.0.0.0', hostPort: 80 });
  expect(parseHostPort(':80')).toEqual({ hostIp: '127.0.0.1', hostPort: 80 });
  expect(parseHostPort('[::1]:80')).toEqual({ hostIp: '::1', hostPort: 80 });
  expect(parseHostPort('127.0.0.1:')).toEqual({ hostIp: '127.0.0.1', hostPort: null });
  expect(parseHostPort('nonsense')).toEqual({ hostIp: '127.0.0.1', hostPort: null });
  for (const text of ['127.0.0.1:8080', '0.0.0.0:1', '[::1]:80', ''])
    expect(formatHostPort(parseHostPort(text))).toBe(text);
});

test('JSON is cut without losing a character', () => {
  const json = JSON.stringify({ a: 'x: "y"', n: -1.5, list: [true, null], nested: { b: 2 } }, null, 2);
  const tokens = tokensOf(json);
  expect(tokens.map(({ text }) => text).join('')).toBe(json);
  expect(tokens.filter(({ kind }) => kind === 'key').map(({ text }) => text)).toEqual([
    '"a"',
    '"n"',
    '"list"',
    '"nested"',
    '"b"',
  ]);
});
