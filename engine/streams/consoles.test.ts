import { expect, test } from 'vitest';
import type { ConsoleEndpoint } from '../drivers/driver.ts';
import type { Log } from '../host/log.ts';
import { createConsoles } from './consoles.ts';
import type { Sessions } from './sessions.ts';

function scene(eager: boolean) {
  const added: string[] = [];
  const sessions = { add: async ({ id }: ConsoleEndpoint) => void added.push(id) } as unknown as Sessions;
  const consoles = createConsoles(sessions, {} as Log, eager);
  const owner = (id: string) => ({ id, endpoints: async () => [{ id: `${id}:main` } as ConsoleEndpoint] });
  return { added, consoles, owner };
}

test('a window finds the consoles of all guests met again', async () => {
  const { added, consoles, owner } = scene(true);
  await consoles.met(owner('a'));
  expect(added).toEqual(['a:main']);
  await consoles.ready();
  expect(added).toEqual(['a:main']);
});

test('a short command opens those it asks about, once', async () => {
  const { added, consoles, owner } = scene(false);
  for (const id of ['a', 'b', 'c']) await consoles.met(owner(id));
  expect(added).toEqual([]);
  await consoles.ready('b');
  await consoles.ready('b');
  await consoles.ready('unknown');
  expect(added).toEqual(['b:main']);
  await consoles.ready();
  expect(added).toEqual(['b:main', 'a:main', 'c:main']);
});

test('what a short command starts itself is open at once', async () => {
  const { added, consoles, owner } = scene(false);
  await consoles.met(owner('a'));
  consoles.started(owner('a'));
  await consoles.ready('a');
  await consoles.ready('a');
  expect(added).toEqual(['a:main']);
});

test('who asks while they are being opened waits as well', async () => {
  const { added, consoles, owner } = scene(false);
  await consoles.met(owner('a'));
  const first = consoles.ready('a');
  await consoles.ready('a');
  expect(added).toEqual(['a:main']);
  await first;
});
