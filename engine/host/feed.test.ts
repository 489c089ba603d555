import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { feedTo } from './feed.ts';

const timeoutMs = 20_000;
const piece = Buffer.alloc(300_000, 'a');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-feed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a program that is fed', () => {
  test('gets all pieces in order, and is waited for', async () => {
    const target = join(folder, 'got');
    const feed = feedTo(['dd', 'status=none', `of=${target}`], { timeoutMs });
    for (let at = 0; at < 5; at++) await feed.write([Buffer.from(`${at}`), piece]);
    await feed.end();
    await feed.stop();
    const wanted = Buffer.concat([0, 1, 2, 3, 4].flatMap((at) => [Buffer.from(`${at}`), piece]));
    expect(readFileSync(target).equals(wanted)).toBe(true);
  });

  test('that ends early says why, to whoever goes on', async () => {
    const feed = feedTo(['ls', '/nowhere/at/all'], { timeoutMs });
    const feeding = async () => {
      for (;;) await feed.write([piece]);
    };
    await expect(feeding()).rejects.toMatchObject({ code: 'internal', cause: expect.stringContaining('No such file') });
    const absent = feedTo(['there-is-no-such-program'], { timeoutMs });
    await expect(absent.end()).rejects.toMatchObject({ code: 'missing-tool' });
    const content = feedTo(['head', '-c', '5'], { timeoutMs });
    for (let at = 0; at < 10; at++) await content.write([piece]);
    await content.end();
  });

  test('is gone when it is stopped, cancelled or late', async () => {
    const stopped = feedTo(['sleep', '60'], { timeoutMs });
    await stopped.stop();
    await expect(stopped.end()).rejects.toMatchObject({ code: 'cancelled' });
    const abort = new AbortController();
    const cancelled = feedTo(['sleep', '60'], { timeoutMs, signal: abort.signal });
    abort.abort();
    await expect(cancelled.end()).rejects.toMatchObject({ code: 'cancelled' });
    await expect(feedTo(['sleep', '60'], { timeoutMs: 20 }).end()).rejects.toMatchObject({ code: 'timeout' });
  });
});
