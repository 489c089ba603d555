/** conmon: holds a program's terminal and log, waits for its end, and outlives us. Its command line, and its start. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { cleanEnv, spawnDaemon } from '../../host/process.ts';
import type { House } from '../../networks/house.ts';

const PID_FILE_TRIES = 100;
const PID_FILE_WAIT_MS = 5;

export interface ConmonRequest {
  readonly conmonPath: string;
  readonly runtimePath: string;
  /** Words for the runtime before its command, besides `--root`. */
  readonly runtimeArgs: readonly string[];
  /** Folder in which the runtime keeps its state. */
  readonly runtimeRoot: string;
  readonly containerId: string;
  /** Folder for `attach`, `ctl`, `winsz`, pid files and the exit file; short, because of the socket in it. */
  readonly folder: string;
  readonly logPath: string;
  /** The log is begun anew when it reaches this size (bytes). */
  readonly logMaxBytes: number;
  readonly tty: boolean;
  /** The program's input stays open when the last of us lets go. */
  readonly keepInput: boolean;
  /** Do not wait for the disk at the program's end. Only newer conmons know it. */
  readonly noSyncLog: boolean;
  /** Path of a process spec: a further program in the container instead of the container itself. */
  readonly execSpec: string | null;
}

export function conmonArgv(request: ConmonRequest): string[] {
  const { folder, containerId } = request;
  return [
    request.conmonPath,
    '--api-version',
    '1',
    '--cid',
    containerId,
    '--cuuid',
    containerId,
    '--name',
    containerId,
    '--runtime',
    request.runtimePath,
    ...[`--root=${request.runtimeRoot}`, ...request.runtimeArgs].map((word) => `--runtime-arg=${word}`),
    '--bundle',
    folder,
    '--full-attach',
    '--container-pidfile',
    join(folder, 'pid'),
    '--conmon-pidfile',
    join(folder, 'conmon.pid'),
    '--exit-dir',
    folder,
    '--log-path',
    `k8s-file:${request.logPath}`,
    '--log-size-max',
    String(request.logMaxBytes),
    '--log-level',
    'error',
    '--stdin',
    ...(request.tty ? ['--terminal'] : []),
    ...(request.keepInput ? ['--leave-stdin-open'] : []),
    ...(request.noSyncLog ? ['--no-sync-log'] : []),
    ...(request.execSpec === null ? [] : ['--exec', '--exec-attach', '--exec-process-spec', request.execSpec]),
  ];
}

export interface LaunchOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | null;
  /** For an exec: called when the program may be attached to, before it starts. */
  readonly onAttachable: (() => Promise<void>) | null;
}

/** What conmon reports first: the program's pid, or why there is none. */
export type Launched =
  | { readonly ok: true; readonly pid: number; readonly conmonPid: number }
  /** `status`: exit code of the runtime when known, else -1. */
  | { readonly ok: false; readonly status: number; readonly message: string };

export interface Conmon {
  /** Lets it make the program; once. */
  go(options: LaunchOptions): Promise<Launched>;
  /** Ends it before `go`. */
  abandon(): void;
}

/**
 * Starts conmon in the house with its folder as current one (it leaves an `oom` file there). It gets ready and then
 * waits for `go`, so that this can overlap with whatever the program needs. Its pipes: 3 sync, 4 start, and for an
 * exec 5 attach.
 */
export function beginConmon(house: House, request: ConmonRequest): Conmon {
  const exec = request.execSpec !== null;
  const child = spawnDaemon(conmonArgv(request), {
    inside: house.inside({ network: false }),
    cwd: request.folder,
    logFile: join(request.folder, 'conmon.log'),
    extraStdio: exec ? ['pipe', 'pipe', 'pipe'] : ['pipe', 'pipe'],
    env: cleanEnv({
      TMPDIR: request.folder, // its passing console socket
      _OCI_SYNCPIPE: '3',
      _OCI_STARTPIPE: '4',
      ...(exec ? { _OCI_ATTACHPIPE: '5' } : {}),
    }),
  });
  const pipes = child.stdio.slice(3) as Duplex[];
  const [sync, start, attachable] = pipes as [Duplex, Duplex, Duplex | undefined];
  // conmon keeps its ends for its whole life; ours would keep this process from ending.
  const letGo = () => {
    for (const pipe of pipes) pipe.destroy();
  };
  for (const pipe of pipes) pipe.on('error', () => {});
  // Read from the first moment: what an unread pipe holds is thrown away when its process ends.
  const report = firstLine(sync);
  const ready = attachable ? firstLine(attachable) : null;
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new GuesthouseError({ code: 'missing-tool', message: 'conmon cannot be started.', cause: error.message })),
    );
  });
  failed.catch(() => {}); // reported by `go`, which may never come

  async function go(options: LaunchOptions): Promise<Launched> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), options.timeoutMs);
    const given = options.signal ? AbortSignal.any([options.signal, deadline.signal]) : deadline.signal;
    try {
      start.write('a');
      if (ready) {
        await before(given, Promise.race([ready, failed]));
        await options.onAttachable?.();
        start.write('b');
      }
      const line = await before(given, Promise.race([report, failed]));
      const said = line === null ? null : (JSON.parse(line) as { data: number; message?: string });
      if (!said || said.data < 0) {
        const message = said?.message ?? (await readFile(join(request.folder, 'conmon.log'), 'utf8').catch(() => ''));
        return { ok: false, status: said ? -said.data : -1, message: message.trim().slice(-2000) };
      }
      return { ok: true, pid: said.data, conmonPid: await readPid(join(request.folder, 'conmon.pid')) };
    } catch (error) {
      if (!given.aborted) throw error;
      if (options.signal?.aborted) throw new GuesthouseError({ code: 'cancelled', message: 'Cancelled.' });
      throw new GuesthouseError({
        code: 'timeout',
        message: `The container runtime did not answer within ${options.timeoutMs / 1000} s.`,
        subject: request.runtimePath,
      });
    } finally {
      clearTimeout(timer);
      letGo();
    }
  }

  return {
    go,
    abandon() {
      // Killed first: it takes a closed start pipe for the signal to go on.
      child.kill('SIGKILL');
      letGo();
    },
  };
}

/** One line of the pipe; null when it ended without one. */
function firstLine(pipe: Duplex): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    pipe.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const newline = text.indexOf('\n');
      if (newline >= 0) resolve(text.slice(0, newline));
    });
    pipe.once('close', () => resolve(text === '' ? null : text));
  });
}

/** What is waited for, unless the signal comes first: then its reason is thrown. */
function before<T>(signal: AbortSignal, waited: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    waited.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** conmon's first process writes it and ends; it may come a moment after the sync line. */
async function readPid(path: string): Promise<number> {
  for (let tries = 0; tries < PID_FILE_TRIES; tries++) {
    const pid = readNumber(path);
    if (pid > 0) return pid;
    await sleep(PID_FILE_WAIT_MS);
  }
  throw new GuesthouseError({ code: 'internal', message: 'conmon did not say its process number.', subject: path });
}

function readNumber(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return Number.NaN;
  }
}
