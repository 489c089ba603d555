import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { GuestSpec, Isolation } from '../contract/guest.ts';
import { Costs } from './costs.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-costs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = (id: string, isolation: Isolation, memoryMib: number) =>
  ({ id, spec: { isolation, cpus: 1, memoryMib, image: 'a:1', entrypoint: null, command: null } }) as {
    id: string;
    spec: GuestSpec;
  };
const box = ask('aaaaaaaaaaaa', 'vm', 256);

it('what was seen last is on disk when the flush has ended', async () => {
  const path = join(folder, 'costs.json');
  const costs = new Costs(path);
  for (const startMs of [100, 300, 200]) costs.add(box, 'startMs', startMs);
  await costs.flush();
  expect(JSON.parse(readFileSync(path, 'utf8')).vm.startMs).toEqual([100, 300, 200]);
  const again = new Costs(path);
  await again.load();
  expect(again.list().find(({ isolation }) => isolation === 'vm')).toMatchObject({ startMs: 200, samples: 3 });
});

it('each guest keeps its own figures, until it is changed or removed', async () => {
  const path = join(folder, 'guests.json');
  const costs = new Costs(path);
  const web = ask('bbbbbbbbbbbb', 'container', 64);
  for (let n = 1; n <= 12; n++) costs.add(web, 'startMs', n);
  costs.add(box, 'memoryMib', 99);
  await costs.flush();
  const again = new Costs(path);
  await again.load();
  expect(again.ofGuests([web, box])).toEqual([
    { id: web.id, startMs: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12], memoryMib: [], diskMib: [] },
    { id: box.id, startMs: [], memoryMib: [99], diskMib: [] },
  ]);
  const changed = ask(web.id, 'container', 128);
  expect(again.ofGuests([changed])).toEqual([]);
  again.add(changed, 'startMs', 5);
  expect(again.ofGuests([changed])[0]?.startMs).toEqual([5]);
  again.forget(box.id);
  expect(again.ofGuests([box])).toEqual([]);
});

it('a file of before there were figures of guests is read', async () => {
  const path = join(folder, 'old.json');
  writeFileSync(path, JSON.stringify({ vm: { startMs: [100], memoryMib: [], diskMib: [] } }));
  const costs = new Costs(path);
  await costs.load();
  expect(costs.list().find(({ isolation }) => isolation === 'vm')?.startMs).toBe(100);
  expect(costs.ofGuests([box])).toEqual([]);
});
