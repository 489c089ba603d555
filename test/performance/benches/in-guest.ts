/** The same program on the host and in a container, doing the same work: what a program loses by being in a guest. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, realpathSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchContext, Variant } from '../harness.ts';
import { createGuest, makeBenchHome } from '../home.ts';

const WORK = fileURLToPath(new URL('../in-guest/work.js', import.meta.url));
const KINDS = ['cpu', 'memory', 'disk'] as const;
const ANSWER_TIMEOUT_MS = 60_000;
const AT_MOST = 1.03;

export const inGuest: Bench = {
  name: 'in-guest',
  about: 'arithmetic, fresh memory, and files on a volume: the same Node in a container and on the host',
  goals: KINDS.map((kind) => ({ of: 'ours/floor', atMost: AT_MOST, ours: kind, than: kind })),
  rounds: 21,
  warmups: 3,
  async prepare(context) {
    const home = makeBenchHome(context, 'home');
    const engine = await home.engine();
    await engine.call('images.build', { builder: 'busybox' });
    const shared = join(context.folder, 'shared');
    mkdirSync(shared);
    const readOnly = (source: string, target: string) => ({ source: realpathSync(source), target, readOnly: true });
    const guest = await createGuest(engine, {
      isolation: 'container',
      image: 'busybox',
      network: 'none',
      memoryMib: 2048,
      command: ['/opt/node/node', '--expose-gc', '/opt/work/work.js', '/shared/guest', '/data'],
      mounts: [
        { source: 'bench', target: '/data', readOnly: false },
        { source: shared, target: '/shared', readOnly: false },
        readOnly(dirname(process.execPath), '/opt/node'),
        readOnly(dirname(WORK), '/opt/work'),
        ...['/lib', '/lib64', '/usr/lib'].map((folder) => readOnly(folder, folder)),
      ],
    });
    const inside = await workerAt(context, join(shared, 'guest'), async () => {
      await engine.call('guests.start', { guest: guest.id });
    });
    // On the same file system as the volume.
    const folder = join(home.paths.home, 'outside');
    mkdirSync(folder);
    const outside = await workerAt(context, join(shared, 'host'), async () => {
      const child = spawn(process.execPath, ['--expose-gc', WORK, join(shared, 'host'), folder], { stdio: 'inherit' });
      context.defer('the program on the host', () => child.kill());
    });
    return KINDS.flatMap((kind): Variant[] => [
      { role: 'ours', label: `${kind} in a container`, run: async () => ({ ms: await inside(kind) }) },
      { role: 'floor', label: `${kind} on the host`, run: async () => ({ ms: await outside(kind) }) },
    ]);
  },
};

/** Waits for the program to join the socket; answers how it is given work (milliseconds by its own clock). */
async function workerAt(context: BenchContext, path: string, begin: () => Promise<void>) {
  const server = createServer().listen(path);
  context.defer('a socket', () => server.close());
  const joined = once(server, 'connection', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  await begin();
  const [socket] = (await joined) as [Socket];
  context.defer('a connection', () => socket.destroy());
  const lines = createInterface(socket);
  return async (kind: string): Promise<number> => {
    const answer = once(lines, 'line', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    socket.write(`${kind}\n`);
    const [line] = (await answer) as [string];
    return Number(line);
  };
}
