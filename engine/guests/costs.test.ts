import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Costs } from './costs.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-costs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('what was seen last is on disk when the flush has ended', async () => {
  const path = join(folder, 'costs.json');
  const costs = new Costs(path);
  for (const startMs of [100, 300, 200]) costs.add('vm', 'startMs', startMs);
  await costs.flush();
  expect(JSON.parse(readFileSync(path, 'utf8')).vm.startMs).toEqual([100, 300, 200]);
  const again = new Costs(path);
  await again.load();
  expect(again.list().find(({ isolation }) => isolation === 'vm')).toMatchObject({ startMs: 200, samples: 3 });
});
