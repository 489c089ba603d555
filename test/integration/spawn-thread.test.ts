import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type Inside, startChild } from '../../engine/host/child.ts';
import { cleanEnv, run } from '../../engine/host/process.ts';
import { type SpawnThread, startSpawnThread } from '../../engine/host/spawn-thread.ts';

const isRoot = process.getuid?.() === 0;

/** A process in namespaces of its own, ended with the test. */
async function elsewhere(): Promise<{ child: ChildProcess; pid: number; mountNamespace: string }> {
  const child = spawn('unshare', ['--mount', '--net', 'sleep', '60'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid as number;
  await expect.poll(() => namespaceOf(pid, 'net'), { timeout: 10_000 }).not.toBe(namespaceOf(process.pid, 'net'));
  return { child, pid, mountNamespace: namespaceOf(pid, 'mnt') };
}

function namespaceOf(pid: number, kind: string): string {
  return readlinkSync(`/proc/${pid}/ns/${kind}`);
}

function threadIn(where: { pid: number; mountNamespace: string }): SpawnThread {
  const thread = startSpawnThread(where);
  if (thread === null) throw new Error('There is no thread.');
  onTestFinished(() => thread.close());
  return thread;
}

const becomesReady = (thread: SpawnThread) => expect.poll(() => thread.ready, { timeout: 10_000 }).toBe(true);

function insideOf(thread: SpawnThread, network: boolean): Inside {
  return { words: () => [], spawn: (request) => thread.spawn({ ...request, network }) };
}

if (isRoot) {
  it('starts programs in the namespaces of another process', async () => {
    const there = await elsewhere();
    const thread = threadIn(there);
    await becomesReady(thread);
    for (const network of [true, false, true]) {
      const words = ['readlink', '/proc/self/ns/mnt', '/proc/self/ns/net', '/proc/self/cwd'];
      const { stdout } = await run(words, { inside: insideOf(thread, network) });
      const net = namespaceOf(network ? there.pid : process.pid, 'net');
      expect(stdout.trim().split('\n')).toEqual([there.mountNamespace, net, '/']);
    }
    // This process itself stays where it is.
    expect(namespaceOf(process.pid, 'mnt')).not.toBe(there.mountNamespace);
  });

  it('passes on input, exit codes and what went wrong', async () => {
    const thread = threadIn(await elsewhere());
    await becomesReady(thread);
    const inside = insideOf(thread, false);
    expect((await run(['pwd'], { inside, cwd: '/usr' })).stdout).toBe('/usr\n');
    const echo = await run(['sh', '-c', 'cat; exit 3'], { inside, input: 'in', okCodes: [3] });
    expect(echo).toMatchObject({ stdout: 'in', code: 3 });
    await expect(run(['no-such-program'], { inside })).rejects.toMatchObject({ code: 'missing-tool' });
    const stdio = ['ignore', 'ignore', 'ignore'] as const;
    const nowhere = startChild(['true'], { inside, cwd: '/none', env: cleanEnv(), stdio });
    expect(await new Promise((resolve) => nowhere.once('error', resolve))).toMatchObject({ code: 'ENOENT' });
  });

  it('mounts where only those in the namespace see it', async () => {
    const there = await elsewhere();
    const thread = threadIn(there);
    await becomesReady(thread);
    const folder = mkdtempSync(join(tmpdir(), 'gh-thread-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const at = (name: string) => join(folder, name);
    const [lower, upper, work, target] = [at('l'), at('u'), at('w'), at('t')];
    for (const path of [lower, upper, work, target]) mkdirSync(path);
    writeFileSync(join(lower, 'hello'), '');
    const mount = { type: 'overlay', options: `lowerdir=${lower},upperdir=${upper},workdir=${work}` };
    const seen = () => readdirSync(`/proc/${there.pid}/root${target}`);
    expect(await thread.mount({ target, mount })).toBe(true);
    expect([seen(), readdirSync(target)]).toEqual([['hello'], []]);
    const refused = { type: 'overlay', options: 'lowerdir=/none' };
    expect(await thread.mount({ target, mount: refused })).toBe(false);
    expect(await thread.mount({ target, mount: null })).toBe(true);
    expect(seen()).toEqual([]);
    expect(await thread.mount({ target, mount: null })).toBe(false);
    const cut = thread.mount({ target, mount });
    thread.close();
    await cut;
  });

  it('lets go of the namespace when it is closed', async () => {
    const there = await elsewhere();
    const thread = threadIn(there);
    await becomesReady(thread);
    const threadsThere = () =>
      readdirSync('/proc/self/task').filter((id) => {
        try {
          return readlinkSync(`/proc/self/task/${id}/ns/mnt`) === there.mountNamespace;
        } catch {
          return false; // it ended meanwhile
        }
      });
    expect(threadsThere()).toHaveLength(1);
    thread.close();
    expect(thread.ready).toBe(false);
    await expect.poll(threadsThere, { timeout: 10_000 }).toEqual([]);
  });

  it('is never ready in a namespace that is not the one that was meant', async () => {
    const there = await elsewhere();
    const thread = threadIn({ ...there, mountNamespace: 'mnt:[1]' });
    await sleep(500);
    expect(thread.ready).toBe(false);
  });
} else {
  it('is not there for an ordinary user', () => {
    expect(startSpawnThread({ pid: process.pid, mountNamespace: 'mnt:[1]' })).toBeNull();
  });
}
