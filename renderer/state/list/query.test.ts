import { expect, test } from 'vitest';
import type { Guest, Sample } from '../../../engine/contract/index.ts';
import { complete } from './complete.ts';
import { parseQuery } from './query.ts';

const guest = (name: string, more: Partial<Guest> = {}, labels: Record<string, string> = {}) =>
  ({
    id: name,
    name,
    state: 'running',
    isolation: 'container',
    image: 'debian:12',
    address: '10.99.0.5',
    addresses: [{ network: 'shop', v4: '10.99.0.5', v6: null }],
    ports: [{ hostIp: '127.0.0.1', hostPort: 8080, guestPort: 80, protocol: 'tcp' }],
    spec: { labels, network: 'nat', cpus: 2 },
    restarts: 1,
    startedAt: 1_000_000,
    health: null,
    ...more,
  }) as unknown as Guest;

const sample = {
  cpuPercent: 12.4,
  memoryBytes: 600 * 2 ** 20,
  memoryLimitBytes: 1024 * 2 ** 20,
  diskReadBps: 2e6,
  diskWriteBps: 0,
};
const web = guest('Web-1', {}, { team: 'web', 'org.example/x': '' });
const matches = (line: string, of = web) =>
  parseQuery(line).matches({ guest: of, sample: sample as unknown as Sample, nowMs: 1_000_000 + 3 * 3600e3 });
const problem = (line: string) => parseQuery(line).problems.map(({ text }) => text);

test('every word must be found: name, state, isolation, image, address, port, label', () => {
  for (const line of [
    '',
    'web',
    'WEB run',
    'container debian',
    '10.99',
    ':8080',
    ':80',
    'debian:12',
    '"web-1"',
    'team=web',
  ])
    expect([line, matches(line)]).toEqual([line, true]);
  for (const line of ['db', 'web stopped', ':81', '-web']) expect([line, matches(line)]).toEqual([line, false]);
});

test.each([
  ['state:running cpu>10 image:debian', true],
  ['state:stopped,running', true],
  ['-state:running', false],
  ['-name:db kind:container', true],
  ['status:running mem>0.5g', true],
  ['memory>512m', true],
  ['memory>700MiB', false],
  ['memory>50%', true],
  ['memory>60%', false],
  ['cpu:12', true],
  ['cpu:12.0', false],
  ['cpu<=12', false],
  ['disk>1m disk<=2MB/s', true],
  ['net>0', false],
  ['up>2h up<1d', true],
  ['label:team', true],
  ['label:team=web', true],
  ['label:team=w*', true],
  ['label:team=db', false],
  ['label:org.example/x', true],
  ['port:8080', true],
  ['port:808', false],
  ['network:shop address:10.99 health:none', true],
  ['restarts>0 cores=2', true],
])('%s: %s', (line, expected) => {
  expect(parseQuery(line).problems).toEqual([]);
  expect(matches(line)).toBe(expected);
});

test('what is not understood is said, and the rest still filters', () => {
  expect(problem('state:runing')).toEqual(['“runing” is no state. Did you mean running?']);
  expect(problem('stat:running')).toEqual(['There is no “stat” to filter by. Did you mean state?']);
  expect(problem('cpu>lots')).toEqual(['“lots” is no number for cpu, as in cpu>50.']);
  expect(problem('cpu>')).toEqual(['cpu wants a number, as in cpu>50.']);
  expect(problem('foo>3')).toEqual(['There is no “foo” to filter by.']);
  expect(problem('name>3')).toEqual(['name cannot be more or less; write name:… instead.']);
  expect(problem('image:')).toEqual(['What image? Something is missing after the sign.']);
  expect(problem('up>2')).toHaveLength(1);
  expect(problem('node:22 nats:2.11 redis:latest')).toEqual([]);
  expect(matches('state:runing web')).toBe(true);
  expect(matches('state:runing db')).toBe(false);
});

test('only figures make it live', () => {
  expect(parseQuery('state:running').live).toBe(false);
  expect(parseQuery('web -cpu>5').live).toBe(true);
});

test('the word under the caret is completed: keys, then values that are there', () => {
  const all = [web, guest('db', { image: 'postgres:17', state: 'failed' }), guest('x', { image: 'debian:12' })];
  const ways = (line: string) => complete(line, line.length, all).map(({ text }) => text);
  expect(ways('st')).toEqual(['state:']);
  expect(ways('-c')).toEqual(['cpu>', 'cores>']);
  expect(ways('web ')).toEqual([]);
  expect(ways('image:')).toEqual(['debian:12', 'postgres:17']);
  expect(ways('label:te')).toEqual(['team', 'team=web']);
  expect(ways('state:running,f')).toEqual(['failed']);
  expect(complete('a -st b', 5, all)[0]).toMatchObject({ line: 'a -state: b', caret: 9 });
  expect(complete('state:fa', 8, all)[0]).toMatchObject({ line: 'state:failed ', caret: 13 });
});
