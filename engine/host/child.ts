/** Starting a program and hearing how it ends, without Node's fork where that can be (posix-spawn.ts). */
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { accessSync, constants as files, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { canSpawn, closeEnd, posixSpawn, reap, type SpawnRequest, socketPair } from './posix-spawn.ts';

type Events = {
  error: [NodeJS.ErrnoException];
  exit: [number | null, NodeJS.Signals | null];
  close: [number | null, NodeJS.Signals | null];
};

/** What is used of Node's ChildProcess, and means the same. */
export interface Child extends EventEmitter<Events> {
  readonly pid?: number | undefined;
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  /** Of ours; null for what is no pipe. */
  readonly stdio: readonly (Socket | null)[];
  kill(signal: NodeJS.Signals): boolean;
}

/** Namespaces of another process, as a place to start programs in. */
export interface Inside {
  /** What leads there when put before a command line; `folder`: the current one there, else its root. */
  words(folder?: string): readonly string[];
  /** Starts a program there without those words; a pid, or minus the errno. null: that cannot be done now. */
  readonly spawn: ((request: SpawnRequest) => number) | null;
}

export interface ChildOptions {
  readonly cwd?: string | undefined;
  /** Where it is started; left out: where this process is. */
  readonly inside?: Inside | undefined;
  /** Whole environment. */
  readonly env: Record<string, string>;
  readonly stdio: readonly ('pipe' | 'ignore' | number)[];
}

/** Starts a program in a session of its own. It does not keep this process alive; its pipes do. */
export function startChild(argv: readonly string[], options: ChildOptions): Child {
  const { inside, ...there } = options;
  if (inside && !inside.spawn) return startChild([...inside.words(there.cwd), ...argv], { ...there, cwd: undefined });
  if (canSpawn()) return new SpawnedChild(argv, there, inside?.spawn ?? posixSpawn);
  const [command, ...args] = argv as [string, ...string[]];
  const child = spawn(command, args, { ...there, stdio: [...there.stdio], detached: true });
  child.unref();
  return child as unknown as Child;
}

const running = new Set<SpawnedChild>();
const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
/** Bits of a wait status, wait(2): the signal that ended it; else the exit code in the second byte. */
const SIGNAL_BITS = 0x7f;

/** How often a worker thread looks, and stays for it (ms): it hears no signals. */
const LOOK_EVERY_MS = 10;

let listens = false;
/** Before the first child, so that no end is missed. One signal may stand for several ends. */
function listen(): void {
  if (listens) return;
  listens = true;
  if (isMainThread) {
    process.on('SIGCHLD', look);
    return;
  }
  const timer = setInterval(() => {
    look();
    if (running.size > 0) return;
    clearInterval(timer);
    listens = false;
  }, LOOK_EVERY_MS);
}

function look(): void {
  for (const child of running) child.look();
}

class SpawnedChild extends EventEmitter<Events> implements Child {
  readonly pid: number | undefined;
  readonly stdio: readonly (Socket | null)[];
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  #open = 1;

  constructor(
    argv: readonly string[],
    { cwd, env, stdio }: Omit<ChildOptions, 'inside'>,
    start: (request: SpawnRequest) => number,
  ) {
    super();
    listen();
    const ends: (readonly [number, number] | null)[] = [];
    let error = 0;
    for (const kind of stdio) {
      const pair = kind === 'pipe' && error === 0 ? socketPair() : null;
      if (typeof pair === 'number') error = pair;
      ends.push(typeof pair === 'number' ? null : pair);
    }
    const command = argv[0] ?? '';
    if (error === 0) {
      const path = findIn(env.PATH ?? '', command);
      const descriptors = stdio.map((kind, at) => (typeof kind === 'number' ? kind : (ends[at]?.[1] ?? null)));
      const pid = path === null ? -constants.errno.ENOENT : start({ path, argv, env, cwd, descriptors });
      if (pid > 0) this.pid = pid;
      else error = pid;
    }
    for (const pair of ends) if (pair) closeEnd(pair[1]);
    if (error !== 0) {
      for (const pair of ends) if (pair) closeEnd(pair[0]);
      this.stdio = ends.map(() => null);
      const code = getSystemErrorName(error);
      process.nextTick(() => this.emit('error', Object.assign(new Error(`spawn ${command} ${code}`), { code })));
      return;
    }
    this.stdio = ends.map((pair, at) => (pair ? this.#streamOf(pair[0], at) : null));
    running.add(this);
  }

  kill(signal: NodeJS.Signals): boolean {
    if (this.pid === undefined || !running.has(this)) return false;
    try {
      return process.kill(this.pid, signal);
    } catch {
      return false;
    }
  }

  /** Whether it ended. */
  look(): void {
    const ended = this.pid === undefined ? null : reap(this.pid);
    if (!ended) return;
    running.delete(this);
    const signal = (ended.status ?? 0) & SIGNAL_BITS;
    if (signal !== 0) this.signalCode = (SIGNAL_NAMES.get(signal) ?? 'SIGKILL') as NodeJS.Signals;
    else if (ended.status !== null) this.exitCode = (ended.status >> 8) & 0xff;
    this.stdio[0]?.destroy();
    this.emit('exit', this.exitCode, this.signalCode);
    // What nobody reads would never end.
    process.nextTick(() => {
      for (const stream of this.stdio.slice(1)) if (stream?.readableFlowing === null) stream.resume();
    });
    this.#closed();
  }

  #streamOf(fd: number, at: number): Socket {
    const stream = new Socket({ fd, readable: at > 0, writable: true });
    this.#open++;
    stream.once('close', () => this.#closed());
    return stream;
  }

  #closed(): void {
    this.#open--;
    if (this.#open === 0) this.emit('close', this.exitCode, this.signalCode);
  }
}

/** Where a program is; null: nowhere. With a slash in it, it is a path already. */
function findIn(path: string, command: string): string | null {
  if (command.includes('/')) return command;
  for (const folder of path.split(':')) {
    const found = join(folder, command);
    try {
      accessSync(found, files.X_OK);
      if (folder.startsWith('/') && statSync(found).isFile()) return found;
    } catch {}
  }
  return null;
}
