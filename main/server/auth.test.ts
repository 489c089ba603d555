import { describe, expect, test } from 'vitest';
import { judge, matches } from './auth.ts';

const door = { port: 4000, token: 'right' };
const good = { host: '127.0.0.1:4000', origin: 'http://127.0.0.1:4000', cookie: 'a=b; guesthouse-4000=right' };

describe('who may talk to the served window', () => {
  test('the own page may', () => {
    expect(judge(good, door, 'upgrade')).toBe('ok');
    expect(judge({ ...good, host: 'localhost:4000', origin: 'http://localhost:4000' }, door, 'upgrade')).toBe('ok');
    expect(judge({ host: good.host, authorization: 'Bearer right' }, door, 'page')).toBe('ok');
  });

  test.each([
    ['a rebound name', { host: 'evil.example:4000', origin: 'http://evil.example:4000' }, 'foreign-host'],
    ['another port', { host: '127.0.0.1:4001' }, 'foreign-host'],
    ['no host at all', { host: undefined }, 'foreign-host'],
    ['a foreign page', { origin: 'http://evil.example' }, 'foreign-origin'],
    ['the same host by another scheme', { origin: 'https://127.0.0.1:4000' }, 'foreign-origin'],
    ['a sandboxed page', { origin: 'null' }, 'foreign-origin'],
    ['localhost talking to 127.0.0.1', { origin: 'http://localhost:4000' }, 'foreign-origin'],
    ['no origin on an upgrade', { origin: undefined }, 'foreign-origin'],
    ['no cookie', { cookie: undefined }, 'no-token'],
    ['a wrong token', { cookie: 'guesthouse-4000=wrong' }, 'no-token'],
    ["another port's cookie", { cookie: 'guesthouse-4001=right' }, 'no-token'],
  ])('%s may not', (_who, change, verdict) => {
    expect(judge({ ...good, ...change }, door, 'upgrade')).toBe(verdict);
  });

  test('a foreign page may not embed our files', () => {
    expect(
      judge({ ...good, origin: undefined, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, door, 'page'),
    ).toBe('foreign-origin');
  });

  test('tokens are compared whole', () => {
    expect(matches('right', 'right')).toBe(true);
    expect(matches('righ', 'right')).toBe(false);
    expect(matches(null, 'right')).toBe(false);
  });
});
