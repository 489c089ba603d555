/**
 * A thread that lives in the mount namespace of another process, starts programs there and mounts there. `nsenter` does the same and is
 * one more program, 3 to 6 ms, before each. A thread may do so once it shares no working folder with the others
 * (setns(2)); into a user namespace it may not, so this is for root.
 */
import { constants } from 'node:os';
import { canSpawn, type SpawnRequest } from './posix-spawn.ts';
import { startWorker } from './worker.ts';

/** Places in the memory both sides share. */
export const LOADED = 0;
export const ANSWERED = 1;
export const ANSWER = 2;
const PLACES = 3;

/** What `LOADED` becomes: it is there, or could not go there. */
export const READY = 1;
export const FAILED = 2;

/** Between a request and the new program, which may have to be read from a slow disk (ms). */
const SPAWN_TIMEOUT_MS = 30_000;
/** How long the end of this process may be held up by a thread that is being loaded (ms). */
const LOAD_TIMEOUT_MS = 5_000;

export interface Where {
  /** Process whose mount namespace it is, and, for programs that ask for it, whose network. */
  readonly pid: number;
  /** What that namespace is called (`mnt:[4026532245]`): the pid may be another's by now. */
  readonly mountNamespace: string;
}

export interface ThreadSpawn extends SpawnRequest {
  readonly network: boolean;
}

/** mount(2) without flags, or umount2(2) without them when `mount` is null. Paths are those of the namespace. */
export interface ThreadMount {
  readonly target: string;
  readonly mount: { readonly type: string; readonly options: string } | null;
}

export type ThreadRequest = { readonly spawn: ThreadSpawn } | { readonly id: number; readonly mount: ThreadMount };
export interface Mounted {
  readonly id: number;
  readonly done: boolean;
}

export interface SpawnThread {
  /** It is there, so `spawn` answers at once. Never turns true where it cannot be. */
  readonly ready: boolean;
  /** Pid of the new program, a child of this process, or minus the errno. */
  spawn(request: ThreadSpawn): number;
  /** Whether it was done; if not, nothing was changed. */
  mount(request: ThreadMount): Promise<boolean>;
  /** Lets go of the namespace. */
  close(): void;
}

/** null where no such thread can be. It takes some 30 ms to be ready. */
export function startSpawnThread({ pid, mountNamespace }: Where): SpawnThread | null {
  if (process.getuid?.() !== 0 || !canSpawn()) return null;
  const shared = new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT);
  const places = new Int32Array(shared);
  if (!mayWait(places)) return null;
  const file = import.meta.url.endsWith('.ts') ? './spawn-worker.ts' : './spawn-worker.js';
  const worker = startWorker(new URL(file, import.meta.url), {
    workerData: { shared, where: { pid, mountNamespace } },
    // It holds next to nothing.
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
  });
  let open = true;
  let last = 0;
  const waiting = new Map<number, (done: boolean) => void>();
  const settle = (id: number, done: boolean) => {
    waiting.get(id)?.(done);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
  };
  /** A thread that is ended while it loads native code takes the process along. */
  const loaded = () => Atomics.wait(places, LOADED, 0, LOAD_TIMEOUT_MS);
  const gone = () => {
    open = false;
    process.removeListener('exit', loaded);
    for (const id of [...waiting.keys()]) settle(id, false);
  };
  worker.unref();
  worker.on('message', ({ id, done }: Mounted) => settle(id, done));
  worker.once('error', gone);
  worker.once('exit', gone);
  process.once('exit', loaded);

  return {
    get ready() {
      return open && Atomics.load(places, LOADED) === READY;
    },
    spawn(request) {
      Atomics.store(places, ANSWERED, 0);
      worker.postMessage({ spawn: request } satisfies ThreadRequest);
      if (Atomics.wait(places, ANSWERED, 0, SPAWN_TIMEOUT_MS) !== 'timed-out') return Atomics.load(places, ANSWER);
      open = false;
      return -constants.errno.ETIMEDOUT;
    },
    mount(request) {
      const id = ++last;
      worker.ref();
      worker.postMessage({ id, mount: request } satisfies ThreadRequest);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    close() {
      open = false;
      // In its turn, after what it still does.
      worker.postMessage(null);
    },
  };
}

/** Not every program that embeds Node lets its main thread wait (ECMAScript, AgentCanSuspend). */
function mayWait(places: Int32Array): boolean {
  try {
    Atomics.wait(places, ANSWERED, -1, 0);
    return true;
  } catch {
    return false;
  }
}
