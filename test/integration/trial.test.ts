/** Which runtime is taken is tried; a trial that fails leaves nothing. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from '../../engine/host/process.ts';
import { makeHome } from '../fixtures/home.ts';

const CLI = new URL('../../main/cli/guesthouse.js', import.meta.url).pathname;
const home = makeHome();
afterAll(() => home.end());

/** Control groups of trials, of version 1. */
const groups = () =>
  readdirSync('/sys/fs/cgroup').flatMap((hierarchy) => {
    const ours = join('/sys/fs/cgroup', hierarchy, 'guesthouse');
    return existsSync(ours) ? readdirSync(ours).filter((name) => name.startsWith('trial-')) : [];
  });

test('a runtime that cannot join its control groups leaves none', async (context) => {
  const isVersion1 = existsSync('/sys/fs/cgroup/cpu');
  if (process.getuid?.() !== 0 || !isVersion1) context.skip('needs root and control groups of version 1');
  const before = groups();
  // The kernel lets no real-time process into a group without a share of real time.
  const { stdout } = await run(['chrt', '-r', '1', process.execPath, CLI, 'doctor'], {
    env: home.env,
    timeoutMs: 60_000,
  });
  expect(stdout).toMatch(/Passed over: .*cgroup/);
  expect(groups()).toEqual(before);
});
