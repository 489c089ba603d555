import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GuesthouseError } from '../contract/errors.ts';
import { createLog } from '../host/log.ts';
import { askedBy, askedWithin } from './asking.ts';
import { Operations } from './operations.ts';

let home: string;
const open = () => new Operations(home, createLog(join(home, 'engine.log')), () => {});
const wish = (target = 'web') => ({ verb: 'create', targetId: null, target, cancellable: true }) as const;
const call = { name: 'guests.clone', args: { guest: 'web', name: 'copy' } };
const fail = () => Promise.reject(new Error('no'));

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-operations-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('who asked, and how it ended, are known to the next engine', async () => {
  const operations = open();
  await askedBy({ by: 'cli', user: 'ada' }, () => operations.run(wish(), async () => {}));
  await askedBy({ by: 'window' }, () =>
    askedWithin({ by: 'compose', project: 'shop' }, () => operations.run(wish('db'), fail)),
  ).catch(() => {});
  await operations.run(wish('own'), async () => {});
  const told = open().list();
  expect(told.map(({ target, state, asker }) => [target, state, asker])).toEqual([
    ['web', 'done', { by: 'cli', user: 'ada' }],
    ['db', 'failed', { by: 'compose', project: 'shop' }],
    ['own', 'done', { by: 'engine' }],
  ]);
  expect(told[0]?.endedAt).toBeGreaterThanOrEqual(told[0]?.startedAt ?? Number.POSITIVE_INFINITY);
});

test('one that an engine left when it was killed says so, and can be tried again', async () => {
  const operations = open();
  void askedBy({ by: 'cli' }, () => operations.run(wish(), () => new Promise(() => {})), call);
  const next = open();
  const [left] = next.list();
  expect(left).toMatchObject({ state: 'failed', endedAt: null, retryable: true, error: { code: 'disconnected' } });
  expect(next.callOf(left?.id ?? '')).toEqual(call);
});

test('what failed is asked for again as it was asked; not what went well, nor what may hold a secret', async () => {
  const operations = open();
  const secret = { name: 'guests.create', args: { draft: { name: 'web', env: ['KEY=secret'] } } };
  await askedBy({ by: 'window' }, () => operations.run(wish('done'), async () => {}), call);
  await askedBy({ by: 'window' }, () => operations.run(wish('failed'), fail), call).catch(() => {});
  await askedBy({ by: 'window' }, () => operations.run(wish('hidden'), fail), secret).catch(() => {});
  const [done, failed, hidden] = operations.list().map(({ id }) => id) as [string, string, string];
  expect(() => operations.callOf(done)).toThrow('did not fail');
  expect(operations.callOf(failed)).toEqual(call);
  expect(operations.callOf(hidden)).toEqual(secret);
  const next = open();
  expect(next.callOf(failed)).toEqual(call);
  expect(next.list().map(({ retryable }) => retryable ?? false)).toEqual([false, true, false]);
  expect(() => next.callOf(hidden)).toThrow('is not kept');
  expect(readFileSync(join(home, 'operations.jsonl'), 'utf8')).not.toContain('secret');
  expect(statSync(join(home, 'operations.jsonl')).mode & 0o777).toBe(0o600);
});

test('what it wrote can be read after the engine that ran it', async () => {
  await open().run(wish(), async ({ log }) => {
    for (let n = 0; n < 10_000; n++) log?.(`line ${n}`);
  });
  const next = open();
  let text = '';
  let ended = false;
  next.log(next.list()[0]?.id ?? '').watch({
    onBytes: (bytes) => {
      text += Buffer.from(bytes).toString();
    },
    onEnd: () => {
      ended = true;
    },
  });
  expect(text.endsWith('line 9999\n')).toBe(true);
  expect(text.length).toBeLessThanOrEqual(64 * 1024);
  expect(ended).toBe(true);
});

test('takes bounded room, and passes over lines that are none of ours', async () => {
  const operations = open();
  for (let n = 0; n < 1500; n++)
    await operations.run(wish(`guest-${n}`), async ({ log }) => n > 1430 && log?.('a line'));
  appendFileSync(join(home, 'operations.jsonl'), '{"id":"../../x","verb":"create"}\nnot json\n');
  const told = open().list();
  expect(told).toHaveLength(200);
  expect(told.at(-1)?.target).toBe('guest-1499');
  const bytes = ['operations.jsonl', 'operations.jsonl.1'].map((name) => statSync(join(home, name)).size);
  expect(Math.max(...bytes)).toBeLessThanOrEqual(256 * 1024);
  expect(readdirSync(join(home, 'operations'))).toHaveLength(50);
});

test('a disk that takes no more stops no act', async () => {
  rmSync(home, { recursive: true });
  const operations = open();
  await expect(operations.run(wish(), async () => 7)).resolves.toBe(7);
  expect(() => operations.log('nobody')).toThrow(expect.objectContaining({ code: 'not-found' } as GuesthouseError));
});
