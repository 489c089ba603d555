import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeLog, followLog, lastLines, readLog } from './log.ts';

const at = '2026-11-23T16:00:00.000000000+00:00';
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const folder = mkdtempSync(join(tmpdir(), 'gh-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('decoding', () => {
  it('gives the bytes as they were written', () => {
    const log = `${at} stdout F one\r\n${at} stderr P tw\n${at} stdout F o\n${at} stdout F \n${at} stdout P open\n`;
    expect(text(decodeLog(Buffer.from(log)))).toBe('one\r\ntwo\n\nopen');
  });

  it.each(['', '\n', 'x', 'x y', 'x y F', `${at} stdout`, 'no time here\n', '\0\0\n \n  \n'])(
    'survives a damaged log: %j',
    (log) => {
      expect(() => decodeLog(Buffer.from(log))).not.toThrow();
    },
  );

  it('keeps bytes that are no text', () => {
    const line = Buffer.concat([
      Buffer.from(`${at} stdout F `),
      Buffer.from([0xff, 0x00, 0x1b, 0x5b]),
      Buffer.from('\n'),
    ]);
    expect([...decodeLog(line)]).toEqual([0xff, 0x00, 0x1b, 0x5b, 0x0a]);
  });
});

describe('the last lines', () => {
  it.each([
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nopen', 2, 'b\nopen'],
    ['a\n', 5, 'a\n'],
    ['', 3, ''],
    ['a\nb\n', 0, ''],
    ['\n\n', 1, '\n'],
    ['\na\n', 1, 'a\n'],
  ])('of %j, %i of them', (all, lines, expected) => {
    expect(text(lastLines(Buffer.from(all), lines))).toBe(expected);
  });
});

describe('reading on', () => {
  it('answers what is new, whole lines only, and begins anew with a fresh file', async () => {
    const path = join(folder, 'a.log');
    writeFileSync(path, `${at} stdout F one\n${at} stdout F tw`);
    const first = await readLog(path, null);
    expect(text(first.bytes)).toBe('one\n');
    writeFileSync(path, 'o\n', { flag: 'a' });
    const second = await readLog(path, first.position);
    expect(text(second.bytes)).toBe('two\n');
    writeFileSync(
      `${path}.new`,
      `${at} stdout F fresh, and longer than what was there before it was replaced\n`.repeat(3),
    );
    renameSync(`${path}.new`, path);
    expect(text((await readLog(path, second.position)).bytes)).toMatch(/^fresh.*\nfresh.*\nfresh.*\n$/);
  });

  it('ends at once without follow, even without a file', async () => {
    const options = { follow: true, tailLines: null, signal: new AbortController().signal, ended: null };
    for await (const part of followLog(join(folder, 'none.log'), options)) expect(part).toBeUndefined();
  });

  it('ends when told to', async () => {
    const path = join(folder, 'b.log');
    writeFileSync(path, `${at} stdout F one\n`);
    const abort = new AbortController();
    const parts: string[] = [];
    const options = { follow: true, tailLines: 1, signal: abort.signal, ended: new Promise(() => {}) };
    for await (const part of followLog(path, options)) {
      parts.push(text(part));
      if (parts.length === 1) writeFileSync(path, `${at} stdout F two\n`, { flag: 'a' });
      else abort.abort();
    }
    expect(parts).toEqual(['one\n', 'two\n']);
  });
});
