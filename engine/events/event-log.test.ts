import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EngineEvent } from '../contract/event.ts';
import { createLog } from '../host/log.ts';
import { openEventLog } from './event-log.ts';

let folder: string;
let path: string;
const open = (maxBytes?: number) => openEventLog(path, createLog(join(folder, 'engine.log')), maxBytes);
const event = (action: string, at: number, id = 'aaaaaaaaaaaa', name = 'web') =>
  ({ at, type: 'guest', action, id, name }) as const;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-events-'));
  path = join(folder, 'events.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('what happened', () => {
  test('is kept for the next engine, oldest first', () => {
    const events = open();
    events.record({ ...event('die', 2), attributes: { exitCode: '7' } });
    events.record(event('create', 1));
    expect(open().list({})).toEqual([
      { ...event('create', 1), attributes: {} },
      { ...event('die', 2), attributes: { exitCode: '7' } },
    ]);
  });

  test('is asked for by time, guest and number', () => {
    const events = open();
    for (const at of [1, 2, 3, 4]) events.record(event(`a${at}`, at));
    events.record(event('other', 3, 'bbbbbbbbbbbb', 'db'));
    const actions = (query: Parameters<typeof events.list>[0]) => events.list(query).map(({ action }) => action);
    expect(actions({ since: 2, until: 3 })).toEqual(['a2', 'a3', 'other']);
    expect(actions({ guest: 'db' })).toEqual(['other']);
    expect(actions({ guest: 'aaaaaaaaaaaa', last: 2 })).toEqual(['a3', 'a4']);
    expect(actions({ guest: 'nobody' })).toEqual([]);
  });

  test('is told to whoever listens, until it ends', () => {
    const events = open();
    const heard: EngineEvent[] = [];
    const end = events.subscribe((one) => heard.push(one));
    events.record({ type: 'image', action: 'pull', id: '', name: 'x' });
    end();
    events.record(event('start', 1));
    expect(heard).toMatchObject([{ type: 'image', action: 'pull', name: 'x', at: expect.any(Number) }]);
  });

  test('never takes more room than twice the size of a file', () => {
    const events = open(2_000);
    for (let at = 0; at < 200; at++) events.record(event('start', at));
    expect(statSync(path).size).toBeLessThanOrEqual(2_000);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(2_000);
    const kept = events.list({});
    expect(kept.at(-1)?.at).toBe(199);
    expect(kept.length).toBeGreaterThan(15);
    expect(kept.map(({ at }) => at)).toEqual(kept.map((_, index) => 200 - kept.length + index));
  });

  test('after half a line goes on with a whole one', () => {
    open().record(event('create', 1));
    appendFileSync(path, '{"at":2,"type":"gue');
    const events = open();
    events.record(event('start', 3));
    expect(events.list({}).map(({ action }) => action)).toEqual(['create', 'start']);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
  });

  test.each(['null', '5', '[]', '{}', '{"at":"1","id":"x","type":"guest"}', '\u0000\u0001'])('is not %j', (line) => {
    appendFileSync(path, `${line}\n`);
    expect(open().list({})).toEqual([]);
  });

  test('is told although it cannot be kept', () => {
    mkdirSync(path);
    const events = open();
    const heard: EngineEvent[] = [];
    events.subscribe((one) => heard.push(one));
    events.record(event('start', 1));
    expect(heard).toHaveLength(1);
    rmSync(path, { recursive: true });
    events.record(event('stop', 2));
    expect(events.list({}).map(({ action }) => action)).toEqual(['stop']);
  });

  test('takes no long text of a hostile guest', () => {
    const events = open();
    events.record({ ...event('health', 1), attributes: { output: 'x'.repeat(1_000_000) } });
    expect(events.list({})[0]?.attributes.output).toHaveLength(500);
  });
});
