import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Child, startChild } from './child.ts';
import { canSpawn, posixSpawn, reap } from './posix-spawn.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gh-child-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const env = { PATH: process.env.PATH ?? '' };
const closed = (child: Child) =>
  new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
async function textOf(stream: Socket | null | undefined): Promise<string> {
  let text = '';
  for await (const piece of stream ?? []) text += piece;
  return text;
}

it('tells how a program ended, by itself or by a signal', async () => {
  const none = ['ignore', 'ignore', 'ignore'] as const;
  expect(await closed(startChild(['sh', '-c', 'exit 7'], { env, stdio: none }))).toEqual({ code: 7, signal: null });
  const child = startChild(['sleep', '60'], { env, stdio: none });
  expect(child.kill('SIGTERM')).toBe(true);
  expect(await closed(child)).toEqual({ code: null, signal: 'SIGTERM' });
  expect(child.kill('SIGTERM')).toBe(false);
  const missing = startChild(['no-such-program'], { env, stdio: none });
  await expect(closed(missing)).rejects.toMatchObject({ code: 'ENOENT' });
  const nowhere = startChild(['true'], { env, stdio: none, cwd: join(folder, 'none') });
  await expect(closed(nowhere)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('hears of every end when many come at once', async () => {
  const many = Array.from({ length: 40 }, (_, code) =>
    closed(startChild(['sh', '-c', `exit ${code}`], { env, stdio: ['ignore', 'pipe', 'ignore'] })),
  );
  expect(await Promise.all(many)).toEqual(many.map((_, code) => ({ code, signal: null })));
});

it('gives it its folder, its environment and no more, and streams that flow both ways', async () => {
  const words = ['sh', '-c', 'pwd; env; read line <&3; echo "got $line" >&3'];
  const child = startChild(words, {
    cwd: folder,
    env: { ...env, GREETING: 'hello' },
    stdio: ['ignore', 'pipe', 2, 'pipe'],
  });
  const end = closed(child);
  child.stdio[3]?.write('a line\n');
  const [said, answer] = await Promise.all([textOf(child.stdio[1]), textOf(child.stdio[3]), end]);
  expect(said).toContain(`${folder}\n`);
  expect(said).toContain('GREETING=hello\n');
  expect(said).not.toContain('VITEST');
  expect(answer).toBe('got a line\n');
});

it('starts in a session of its own, with signals as they are by default and without our descriptors', async () => {
  const path = join(folder, 'out');
  const out = openSync(path, 'wx');
  const script = 'cut -d" " -f6 /proc/self/stat; grep -E "^Sig(Blk|Ign)" /proc/$$/status; ls /proc/$$/fd';
  const child = startChild(['sh', '-c', script], { env, stdio: ['ignore', out, out] });
  await closed(child);
  const [session, blocked, ignored, ...descriptors] = readFileSync(path, 'utf8').trim().split('\n');
  expect(session).toBe(String(child.pid));
  // 32 and 33 are the C library's own.
  expect([blocked, ignored].map((line) => line?.slice(-8))).toEqual([
    '00000000',
    expect.stringMatching(/^[08]0000000$/),
  ]);
  expect(descriptors).toEqual(expect.arrayContaining(['0', '1', '2']));
  expect(descriptors).not.toContain(String(out));
});

it('gives descriptors their places though their numbers are places of others', async () => {
  if (!canSpawn()) throw new Error('There is no posix_spawn here.');
  await writeFile(join(folder, 'a'), 'a');
  await writeFile(join(folder, 'b'), 'b');
  const [a, b] = [openSync(join(folder, 'a'), 'r'), openSync(join(folder, 'b'), 'r')];
  const out = openSync(join(folder, 'out'), 'wx');
  // As many places as the highest of their numbers, those two the wrong way round.
  const descriptors: (number | null)[] = Array.from({ length: Math.max(a, b) + 1 }, () => null);
  descriptors[1] = out;
  descriptors[a] = b;
  descriptors[b] = a;
  const words = ['bash', '-c', `cat <&${a}; cat <&${b}`];
  const pid = posixSpawn({ path: '/bin/bash', argv: words, env, descriptors });
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => reap(pid)).toEqual({ status: 0 });
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('ba');
});

it('does as much in a worker thread, which hears no signals', async () => {
  const script = join(folder, 'worker.mjs');
  await writeFile(
    script,
    `import { parentPort } from 'node:worker_threads';
     const { startChild } = await import(${JSON.stringify(new URL('./child.ts', import.meta.url).href)});
     const env = { PATH: process.env.PATH };
     const ends = [0, 1, 2].map((code) => new Promise((resolve) => {
       const child = startChild(['sh', '-c', 'read line; exit $line'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
       child.on('close', (ended) => resolve([child.constructor.name, ended]));
       child.stdio[0].write(code + '\\n');
     }));
     parentPort.postMessage(await Promise.all(ends));`,
  );
  const worker = new Worker(script);
  const said = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  expect(said).toEqual([0, 1, 2].map((code) => ['SpawnedChild', code]));
  await worker.terminate();
});
