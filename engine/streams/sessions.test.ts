import { expect, test } from 'vitest';
import { fakeEndpoint, recorder } from '../../test/fakes/endpoint.ts';
import { createSessions } from './sessions.ts';

function registry() {
  const log: string[] = [];
  const sessions = createSessions({
    onChange: ({ id, ended }) => log.push(`${id}${ended ? ' ended' : ''}`),
    onRemoved: (id) => log.push(`-${id}`),
  });
  return { log, sessions };
}

test('add, list, watch, end, forget', async () => {
  const { log, sessions } = registry();
  const endpoint = fakeEndpoint({ guestId: 'aaaaaaaaaaaa' });
  await sessions.add(endpoint);
  await sessions.add(fakeEndpoint({ guestId: 'bbbbbbbbbbbb', kind: 'serial', id: 'bbbbbbbbbbbb:serial' }));
  expect(sessions.list('aaaaaaaaaaaa').map(({ id }) => id)).toEqual(['aaaaaaaaaaaa:main']);
  expect(sessions.ofGuest('bbbbbbbbbbbb').kind).toBe('serial');
  const seen = recorder();
  sessions.watch('aaaaaaaaaaaa:main', seen.watcher).watch.grant(100);
  endpoint.emit('hello');
  endpoint.finish(0);
  expect(seen.text()).toBe('hello');
  sessions.forgetGuest('aaaaaaaaaaaa');
  expect(() => sessions.get('aaaaaaaaaaaa:main')).toThrow('no console session');
  expect(log).toEqual(['aaaaaaaaaaaa:main', 'bbbbbbbbbbbb:serial', 'aaaaaaaaaaaa:main ended', '-aaaaaaaaaaaa:main']);
  expect(endpoint.detached).toBe(true);
});

test('the console of a new run takes the place of the old one', async () => {
  const { sessions } = registry();
  const [first, second] = [fakeEndpoint(), fakeEndpoint()];
  await sessions.add(first);
  const seen = recorder();
  sessions.watch(first.id, seen.watcher).watch.grant(100);
  await sessions.add(second);
  expect(seen.events.at(-1)).toEqual({ end: null });
  expect(first.detached).toBe(true);
  expect(sessions.list()).toHaveLength(1);
});

test('a session forgotten while it opens stays forgotten', async () => {
  const { log, sessions } = registry();
  const endpoint = fakeEndpoint();
  const adding = sessions.add(endpoint);
  sessions.forgetGuest(endpoint.guestId);
  await expect(adding).rejects.toThrow('closed while');
  expect(sessions.list()).toEqual([]);
  expect(endpoint.detached).toBe(true);
  expect(log).toEqual([]);
});

test('of many ended exec sessions the latest stay', async () => {
  const { sessions } = registry();
  for (let index = 0; index < 50; index++) {
    const endpoint = fakeEndpoint({ kind: 'exec', id: `x:exec-${index}` });
    await sessions.add(endpoint);
    endpoint.finish(index);
  }
  expect(sessions.list()).toHaveLength(20);
  expect(sessions.list().at(-1)?.exitCode).toBe(49);
});
