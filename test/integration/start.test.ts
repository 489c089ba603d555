/** `npm start` as it is run: one command from a checkout to an address that answers. */
import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeHome, type TestHome } from '../fixtures/home.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START = join(ROOT, 'main', 'setup', 'start.js');
const READY_MS = 60_000;
const GONE_MS = 30_000;

/** Set-up writes into the checkout. */
const isOurs = (() => {
  try {
    accessSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), constants.W_OK);
    return true;
  } catch {
    return false;
  }
})();

let home: TestHome;
beforeAll(() => {
  home = makeHome();
});
afterAll(() => home.end());

/** Child processes of a process, from /proc. */
const children = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

const answers = (url: string) =>
  fetch(url, { redirect: 'manual' }).then(
    () => true,
    () => false,
  );

/** Runs it until it says where it serves. */
async function started(command: readonly string[]) {
  const [program, ...args] = command as [string, ...string[]];
  const start = spawn(program, args, { cwd: ROOT, env: home.env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: start.stdout }).on('line', (line) => line.startsWith('http') && resolve(line));
    start.once('exit', (code) => reject(new Error(`npm start ended with ${code}.`)));
  });
  return { start, url };
}

async function untilSilent(url: string): Promise<void> {
  const deadline = Date.now() + GONE_MS;
  while ((await answers(url)) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await answers(url)).toBe(false);
}

test('serves the window, and takes the server along when it is killed', { timeout: READY_MS + GONE_MS }, async ({
  skip,
}) => {
  if (!isOurs) skip('this user cannot write into the checkout, which set-up does');
  const { start, url } = await started([process.execPath, START, '--no-open']);
  let server: number | undefined;
  try {
    expect(await answers(url)).toBe(true);
    [server] = children(start.pid as number);
    expect(server).toBeGreaterThan(0);
    start.kill('SIGKILL');
    await untilSilent(url);
    server = undefined;
  } finally {
    start.kill('SIGTERM');
    if (server !== undefined) process.kill(server, 'SIGTERM');
  }
});

test('npm that is ended takes its script along', { timeout: READY_MS + GONE_MS }, async ({ skip }) => {
  if (!isOurs) skip('this user cannot write into the checkout, which set-up does');
  // npm and the shell between them end at once and tell nobody.
  const { start, url } = await started(['npm', 'start', '--', '--no-open']);
  const below = children(start.pid as number).flatMap((shell) => children(shell));
  try {
    start.kill('SIGTERM');
    await untilSilent(url);
  } finally {
    for (const pid of [start.pid as number, ...below]) {
      try {
        process.kill(pid, 'SIGTERM');
      } catch {
        // it is gone, as it should be
      }
    }
  }
});
