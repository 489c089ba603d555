/** The thread of spawn-thread.ts. */
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type koffi from 'koffi';
import { canSpawn, posixSpawn } from './posix-spawn.ts';
import {
  ANSWER,
  ANSWERED,
  FAILED,
  LOADED,
  type Mounted,
  READY,
  type ThreadMount,
  type ThreadRequest,
  type ThreadSpawn,
  type Where,
} from './spawn-thread.ts';

const CLONE_FS = 0x200;
const CLONE_NEWNS = 0x20000;
const CLONE_NEWNET = 0x40000000;

const { shared, where } = workerData as { shared: SharedArrayBuffer; where: Where };
const places = new Int32Array(shared);
const say = (place: number, what: number) => {
  Atomics.store(places, place, what);
  Atomics.notify(places, place);
};

try {
  const native = createRequire(import.meta.url)('koffi') as typeof koffi;
  const libc = native.load(null);
  const unshare = libc.func('int unshare(int)');
  const setns = libc.func('int setns(int, int)');
  const mount = libc.func('int mount(str, str, str, ulong, str)');
  const unmount = libc.func('int umount2(str, int)');
  const descriptors = [`/proc/${where.pid}/ns/net`, '/proc/thread-self/ns/net'].map((path) => openSync(path, 'r'));
  const [network, own] = descriptors as [number, number];
  enter(`/proc/${where.pid}/ns/mnt`);
  if (readlinkSync('/proc/thread-self/ns/mnt') !== where.mountNamespace) throw new Error('It is another namespace.');
  if (!canSpawn()) throw new Error('posix_spawn cannot be called here.');

  parentPort?.on('message', (request: ThreadRequest | null) => {
    if (request === null) {
      for (const descriptor of descriptors) closeSync(descriptor);
      return parentPort?.close();
    }
    if ('spawn' in request) start(request.spawn);
    else parentPort?.postMessage({ id: request.id, done: change(request.mount) } satisfies Mounted);
  });
  say(LOADED, READY);

  function start(request: ThreadSpawn): void {
    let answer = -1;
    try {
      if (!request.network || setns(network, CLONE_NEWNET) === 0) answer = posixSpawn(request);
    } finally {
      // Once elsewhere, nothing else may be started from there.
      if (request.network && setns(own, CLONE_NEWNET) !== 0) process.exit(1);
      say(ANSWER, answer);
      say(ANSWERED, 1);
    }
  }

  function change({ target, mount: what }: ThreadMount): boolean {
    if (what === null) return unmount(target, 0) === 0;
    return mount(what.type, target, what.type, 0, what.options) === 0;
  }

  function enter(path: string): void {
    const namespace = openSync(path, 'r');
    try {
      if (unshare(CLONE_FS) !== 0 || setns(namespace, CLONE_NEWNS) !== 0) {
        throw new Error(`The namespace cannot be entered (errno ${native.errno()}).`);
      }
    } finally {
      closeSync(namespace);
    }
  }
} catch {
  say(LOADED, FAILED);
  parentPort?.close();
}
