import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type FollowOptions, followLog, type LogPart, readLog } from './log.ts';

const bytesOf = ({ pieces }: LogPart) => Buffer.concat(pieces.map(({ bytes }) => bytes));

import { holdLog, isHeld, removeLog } from './log-files.ts';

const at = '2026-11-23T16:00:00.000000000+00:00';
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const folder = mkdtempSync(join(tmpdir(), 'gh-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
const fresh = (lines = '') => {
  const path = join(folder, `${count++}.log`);
  if (lines !== '') writeFileSync(path, encoded(lines));
  return path;
};
/** As conmon writes these lines; what has no newline is a part. */
const encoded = (lines: string) =>
  lines
    .split(/(?<=\n)/)
    .map((line) => (line.endsWith('\n') ? `${at} stdout F ${line}` : `${at} stdout P ${line}\n`))
    .join('');
/** As conmon begins a log anew. */
const beginAnew = (path: string, lines: string) => {
  writeFileSync(`${path}.tmp`, encoded(lines));
  renameSync(`${path}.tmp`, path);
};

async function shown(path: string, options: Partial<FollowOptions> = {}): Promise<string> {
  let all = '';
  const signal = new AbortController().signal;
  for await (const { bytes } of followLog(path, { follow: false, tailLines: null, signal, ended: null, ...options })) {
    all += text(bytes);
  }
  return all;
}

describe('the last lines', () => {
  it.each([
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nopen', 2, 'b\nopen'],
    ['a\n', 5, 'a\n'],
    ['', 3, ''],
    ['a\nb\n', 0, ''],
    ['\n\n', 1, '\n'],
    ['\na\n', 1, 'a\n'],
  ])('of %j, %i of them', async (all, lines, expected) => {
    expect(await shown(fresh(all), { tailLines: lines })).toBe(expected);
  });

  it('of more than is read at once', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`);
    const path = fresh(lines.join(''));
    expect(await shown(path, { tailLines: 15_000 })).toBe(lines.slice(5_000).join(''));
    expect(await shown(path, { tailLines: 1 })).toBe('line 19999\n');
  });

  it('of those before a moment', async () => {
    const path = fresh();
    for (let second = 1; second < 6; second++)
      appendFileSync(path, `2026-11-23T16:00:0${second}.000000000+00:00 stdout F ${second}\n`);
    const untilMs = Date.parse('2026-11-23T16:00:04Z');
    expect(await shown(path, { tailLines: 2, untilMs })).toBe('3\n4\n');
    expect(await shown(path, { tailLines: 9, sinceMs: untilMs })).toBe('4\n5\n');
  });
});

describe('a log begun anew', () => {
  it('keeps one older file, and forgets all of them when told to', async () => {
    const path = fresh('one\n');
    expect(isHeld(path)).toBe(false);
    await holdLog(path);
    expect(isHeld(path)).toBe(true);
    beginAnew(path, 'two\n');
    expect(isHeld(path)).toBe(false);
    expect(isHeld(`${path}-not-there`)).toBe(false);
    expect(await shown(path)).toBe('one\ntwo\n');
    await holdLog(path);
    expect(await shown(path)).toBe('one\ntwo\n');
    beginAnew(path, 'three\n');
    expect(await shown(path)).toBe('one\ntwo\nthree\n');
    await holdLog(path);
    expect(await shown(path)).toBe('two\nthree\n');
    expect(await shown(path, { tailLines: 2 })).toBe('two\nthree\n');
    expect(await shown(path, { tailLines: 1 })).toBe('three\n');
    await removeLog(path);
    expect(['', '.1', '.held'].filter((suffix) => existsSync(path + suffix))).toEqual([]);
  });

  it('is made before anybody writes it', async () => {
    const path = fresh();
    await holdLog(path);
    appendFileSync(path, encoded('one\n'));
    beginAnew(path, 'two\n');
    expect(await shown(path)).toBe('one\ntwo\n');
  });

  it('is followed without losing a line', async () => {
    const path = fresh('0\n');
    await holdLog(path);
    const abort = new AbortController();
    let seen = '';
    let written = 0;
    const following = (async () => {
      const options = { follow: true, tailLines: null, signal: abort.signal, ended: new Promise(() => {}) };
      for await (const { bytes } of followLog(path, options)) {
        seen += text(bytes);
        const last = Number(seen.trimEnd().split('\n').at(-1));
        if (last >= 40) abort.abort();
        if (last < written) continue;
        appendFileSync(path, encoded(`${++written}\n`));
        // The line before was written to the old file in the moment before it is left.
        if (written % 5 === 0) beginAnew(path, `${++written}\n`);
      }
    })();
    await following;
    expect(seen).toBe(Array.from({ length: 41 }, (_, index) => `${index}\n`).join(''));
  });

  it('is read on from where it was, over the change', async () => {
    const path = fresh('one\n');
    await holdLog(path);
    const first = await readLog(path, null);
    appendFileSync(path, encoded('two\n'));
    beginAnew(path, 'three\n');
    expect(text(bytesOf(await readLog(path, first.position)))).toBe('two\nthree\n');
    expect(text(bytesOf(await readLog(path, null, 60)))).toBe('three\n');
  });
});

describe('reading on', () => {
  it('answers what is new, whole lines only', async () => {
    const path = fresh();
    writeFileSync(path, `${at} stdout F one\n${at} stdout F tw`);
    const first = await readLog(path, null);
    expect(text(bytesOf(first))).toBe('one\n');
    appendFileSync(path, 'o\n');
    expect(text(bytesOf(await readLog(path, first.position)))).toBe('two\n');
  });

  it('begins with a fresh file when the one it knew has lost all its names', async () => {
    const path = fresh('one\n');
    const { position } = await readLog(path, null);
    beginAnew(path, 'fresh, and longer than what was there\n');
    expect(text(bytesOf(await readLog(path, position)))).toBe('fresh, and longer than what was there\n');
  });

  it('ends at once without follow, even without a file', async () => {
    expect(await shown(join(folder, 'none.log'), { follow: true })).toBe('');
    expect(existsSync(join(folder, 'none.log'))).toBe(false);
  });

  it('ends when told to', async () => {
    const path = fresh('one\n');
    const abort = new AbortController();
    const parts: string[] = [];
    const options = { follow: true, tailLines: 1, signal: abort.signal, ended: new Promise(() => {}) };
    for await (const { bytes } of followLog(path, options)) {
      parts.push(text(bytes));
      if (parts.length === 1) appendFileSync(path, encoded('two\n'));
      else abort.abort();
    }
    expect(parts).toEqual(['one\n', 'two\n']);
  });
});
