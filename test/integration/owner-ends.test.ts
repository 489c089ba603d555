/** The engine's owner is killed while commands that joined it go on: none of them ends, and none misses a byte. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeHome, type TestHome, until } from '../fixtures/home.ts';

let home: TestHome;
beforeAll(async () => {
  home = makeHome();
  await home.ok(['image', 'build', 'busybox']);
});
afterAll(() => home.end());

const LINES = 60;

test('logs, events, exec and run go on with the next owner', async () => {
  const first = await home.serve();
  await home.ok(['create', 'web', '--image', 'busybox', '--isolation', 'container', '--', 'sleep', '600']);
  await home.ok(['start', 'web']);
  // Nobody's parts meet in a pipe, and lines are cut where an owner is killed.
  const count = `i=0; while [ $i -lt ${LINES} ]; do printf "o$i"; printf "e$i\\n" >&2; sleep 0.1; echo; i=$((i+1)); done`;
  const follow = (words: string[]) => {
    const child = home.spawn(words);
    const shown = { stdout: '', stderr: '', code: undefined as number | null | undefined };
    child.stdout.on('data', (piece) => {
      shown.stdout += piece;
    });
    child.stderr.on('data', (piece) => {
      shown.stderr += piece;
    });
    child.on('close', (code) => {
      shown.code = code;
    });
    return { child, shown };
  };
  const run = follow(['run', '--name', 'counter', 'busybox', 'sh', '-c', `${count}; exit 7`]);
  await until(() => run.shown.stdout.includes('o1'));
  const logs = follow(['logs', '-f', 'counter']);
  const exec = follow(['exec', 'web', 'sh', '-c', `${count}; exit 8`]);
  const events = follow(['events', '--follow', '--json']);
  await until(() => logs.shown.stdout.includes('o2') && exec.shown.stdout.includes('o2') && events.shown.stdout !== '');

  first.process.kill('SIGKILL');
  await once(first.process, 'close');
  // One of the four is the owner now, or what was left for the guest.
  await until(() => [run, exec, logs].every(({ shown }) => shown.stdout.includes(`o${LINES / 2}`)));
  expect([run, exec, logs, events].map(({ shown }) => shown.code)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  await home.ok(['volume', 'create', 'afterwards']);

  const wanted = (mark: string) => Array.from({ length: LINES }, (_, at) => `${mark}${at}\n`).join('');
  await until(() => [run, exec, logs].every(({ shown }) => shown.code !== undefined));
  for (const [{ shown }, code] of [
    [run, 7],
    [exec, 8],
    [logs, 0],
  ] as const)
    expect(shown).toEqual({ stdout: wanted('o'), stderr: wanted('e'), code });
  await until(() => events.shown.stdout.includes('afterwards'));
  events.child.kill('SIGINT');
  await until(() => events.shown.code !== undefined);
  const told = events.shown.stdout.trim().split('\n');
  expect(new Set(told).size).toBe(told.length);
  expect(told.map((line) => JSON.parse(line).action)).toContain('start');
});
