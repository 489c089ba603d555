/** `npm start` as it is run: one command from a checkout to an address that answers. */
import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeHome, type TestHome } from '../fixtures/home.ts';

const START = fileURLToPath(new URL('../../main/setup/start.js', import.meta.url));
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

test('serves the window, and takes the server along when it is killed', { timeout: READY_MS + GONE_MS }, async ({
  skip,
}) => {
  if (!isOurs) skip('this user cannot write into the checkout, which set-up does');
  const start = spawn(process.execPath, [START, '--no-open'], { env: home.env, stdio: ['ignore', 'pipe', 'inherit'] });
  let server: number | undefined;
  try {
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: start.stdout }).on('line', (line) => line.startsWith('http') && resolve(line));
      start.once('exit', (code) => reject(new Error(`npm start ended with ${code}.`)));
    });
    expect(await answers(url)).toBe(true);
    [server] = children(start.pid as number);
    expect(server).toBeGreaterThan(0);
    start.kill('SIGKILL');
    const deadline = Date.now() + GONE_MS;
    while ((await answers(url)) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await answers(url)).toBe(false);
    server = undefined;
  } finally {
    start.kill('SIGTERM');
    if (server !== undefined) process.kill(server, 'SIGTERM');
  }
});
