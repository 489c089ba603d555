import { expect, test } from 'vitest';
import type { EngineEvent, Operation } from '../../engine/contract/index.ts';
import { recentOf } from './recent.ts';

const act = (id: string, startedAt: number, endedAt: number | null, targetId = 'g'): Operation =>
  ({ id, targetId, startedAt, endedAt, state: endedAt === null ? 'running' : 'done' }) as Operation;
const event = (action: string, at: number, id = 'g', type = 'guest'): EngineEvent =>
  ({ at, type, action, id, name: id, attributes: {} }) as EngineEvent;
const said = (operations: Operation[], events: EngineEvent[]) =>
  recentOf('g', operations, events).map((it) => (it.kind === 'act' ? it.operation.id : it.event.action));

test('what an engine before this one did is told by its events', () => {
  expect(said([], [event('die', 2_000), event('create', 1_000)])).toEqual(['die', 'create']);
});

test('an act tells what happened during it; what came before and after is told beside it', () => {
  const events = [event('die', 9_000), event('start', 5_100), event('create', 1_000)];
  expect(said([act('start', 5_000, 5_200)], events)).toEqual(['die', 'start', 'create']);
  expect(said([act('the act', 5_000, 5_200)], events)).toEqual(['die', 'the act', 'create']);
});

test('one that still runs tells what happens meanwhile', () => {
  expect(said([act('the act', 5_000, null)], [event('die', 60_000)])).toEqual(['the act']);
});

test('one that was cut off hides nothing that came after', () => {
  const cut = { ...act('the act', 5_000, null), state: 'failed' } as Operation;
  expect(said([cut], [event('die', 60_000)])).toEqual(['die', 'the act']);
});

test('other guests and other things are not told of', () => {
  const others = [event('die', 1, 'other'), event('remove', 2, 'g', 'volume')];
  expect(said([act('theirs', 1, 2, 'other')], others)).toEqual([]);
});
