/**
 * posix_spawn(3). Node forks, which copies the page tables of the whole process and stops it meanwhile: 12 ms for one of
 * 400 MiB where this takes 0.8. The child borrows our memory until it is another program.
 */
import { createRequire } from 'node:module';
import type koffi from 'koffi';

const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
/** A session of its own. */
const SETSID = 0x80;
/** More than any C library's posix_spawnattr_t, posix_spawn_file_actions_t or sigset_t. */
const STRUCT_BYTES = 1024;
const O_RDWR = 2;
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const F_DUPFD_CLOEXEC = 1030;
const WNOHANG = 1;

type Calls = ReturnType<typeof bind>;
let bound: Calls | null | undefined;

function bind() {
  const native = createRequire(import.meta.url)('koffi') as typeof koffi;
  const libc = native.load(null);
  const actions = 'posix_spawn_file_actions_';
  return {
    errno: () => native.errno(),
    spawn: libc.func('int posix_spawn(void *, str, void *, void *, const char **, const char **)'),
    initActions: libc.func(`int ${actions}init(void *)`),
    addDup: libc.func(`int ${actions}adddup2(void *, int, int)`),
    addOpen: libc.func(`int ${actions}addopen(void *, int, str, int, uint)`),
    addFolder: libc.func(`int ${actions}addchdir_np(void *, str)`),
    destroyActions: libc.func(`int ${actions}destroy(void *)`),
    initAttributes: libc.func('int posix_spawnattr_init(void *)'),
    setFlags: libc.func('int posix_spawnattr_setflags(void *, short)'),
    setDefaults: libc.func('int posix_spawnattr_setsigdefault(void *, void *)'),
    setMask: libc.func('int posix_spawnattr_setsigmask(void *, void *)'),
    fill: libc.func('int sigfillset(void *)'),
    waitpid: libc.func('int waitpid(int, void *, int)'),
    socketpair: libc.func('int socketpair(int, int, int, void *)'),
    fcntl: libc.func('int fcntl(int, int, int)'),
    close: libc.func('int close(int)'),
  };
}

/** Whether it is here: a C library may be without one of the calls. */
export function canSpawn(): boolean {
  if (bound !== undefined) return bound !== null;
  try {
    bound = bind();
  } catch {
    bound = null;
  }
  return bound !== null;
}

function calls(): Calls {
  if (!canSpawn() || !bound) throw new Error('posix_spawn cannot be called here.');
  return bound;
}

export interface SpawnRequest {
  readonly path: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Left out: ours. */
  readonly cwd?: string | undefined;
  /** Descriptors of ours that it has as 0, 1, 2, …; null: /dev/null. */
  readonly descriptors: readonly (number | null)[];
}

/** Starts a program in a session of its own, with no signal blocked or ignored. Its pid, or minus the errno. */
export function posixSpawn({ path, argv, env, cwd, descriptors }: SpawnRequest): number {
  const libc = calls();
  const actions = Buffer.alloc(STRUCT_BYTES);
  const attributes = Buffer.alloc(STRUCT_BYTES);
  const signals = Buffer.alloc(STRUCT_BYTES);
  const copies: number[] = [];
  libc.initActions(actions);
  try {
    if (cwd !== undefined) libc.addFolder(actions, cwd);
    for (const [to, from] of descriptors.entries()) {
      if (from === null) libc.addOpen(actions, to, '/dev/null', O_RDWR, 0);
      else libc.addDup(actions, outOfTheWay(from), to);
    }
    libc.initAttributes(attributes);
    libc.setMask(attributes, signals);
    libc.fill(signals);
    libc.setDefaults(attributes, signals);
    libc.setFlags(attributes, SETSIGDEF | SETSIGMASK | SETSID);
    const pid = Buffer.alloc(4);
    const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const error = libc.spawn(pid, path, actions, attributes, [...argv, null], [...words, null]) as number;
    return error === 0 ? pid.readInt32LE() : -error;
  } finally {
    libc.destroyActions(actions);
    for (const copy of copies) libc.close(copy);
  }

  /** A number that is a place in the child could be taken before its turn comes. */
  function outOfTheWay(from: number): number {
    if (from >= descriptors.length) return from;
    const copy = libc.fcntl(from, F_DUPFD_CLOEXEC, descriptors.length) as number;
    if (copy < 0) return from;
    copies.push(copy);
    return copy;
  }
}

/** How a child of ours ended, which it says once; null: it runs. `status` null: somebody else was told. */
export function reap(pid: number): { status: number | null } | null {
  const status = Buffer.alloc(4);
  const found = calls().waitpid(pid, status, WNOHANG) as number;
  if (found === 0) return null;
  return { status: found === pid ? status.readInt32LE() : null };
}

/** Both ends of a stream, closed in other programs unless they are given it. Minus the errno when there is none. */
export function socketPair(): readonly [number, number] | number {
  const pair = Buffer.alloc(8);
  const libc = calls();
  if ((libc.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) as number) !== 0) return -libc.errno();
  return [pair.readInt32LE(0), pair.readInt32LE(4)];
}

export function closeEnd(fd: number): void {
  calls().close(fd);
}
