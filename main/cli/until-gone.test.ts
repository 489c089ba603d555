import { expect, test } from 'vitest';
import type { StateEvent } from '../../engine/contract/api.ts';
import type { Client } from '../../engine/contract/client.ts';
import { untilGone } from './until-gone.ts';

/** Tells what it is told to, and whether anybody still listens. */
function engine(events: readonly unknown[]) {
  const heard = { stopped: false, end: () => {}, tell: (_event: unknown) => {} };
  const subscribe: Client['subscribe'] = (_topic, _args, onEvent, onEnd) => {
    heard.tell = (event) => (onEvent as (event: StateEvent) => void)(event as StateEvent);
    heard.end = () => onEnd?.(null);
    queueMicrotask(() => events.forEach(heard.tell));
    return () => {
      heard.stopped = true;
    };
  };
  return { client: { subscribe } as Client, heard };
}

const snapshot = (...ids: string[]) => ({ type: 'snapshot', guests: ids.map((id) => ({ id })) });

test('a guest that is gone already is not waited for', async () => {
  const { client, heard } = engine([snapshot('other')]);
  await untilGone(client, 'one');
  expect(heard.stopped).toBe(true);
});

test('its own removal is waited for, and no other', async () => {
  const { client, heard } = engine([snapshot('one', 'other'), { type: 'guest-removed', id: 'other' }]);
  let gone = false;
  const waiting = untilGone(client, 'one').then(() => {
    gone = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(gone).toBe(false);
  heard.tell({ type: 'guest-removed', id: 'one' });
  await waiting;
  expect(heard.stopped).toBe(true);
});

test('an engine that ends ends the waiting', async () => {
  const { client, heard } = engine([snapshot('one')]);
  const waiting = untilGone(client, 'one');
  await new Promise((resolve) => setImmediate(resolve));
  heard.end();
  await waiting;
});
