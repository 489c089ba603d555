/** Programs of the host: the door to them. Arguments are lists, never shell strings. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { GuesthouseError } from '../contract/errors.ts';
import { type Child, type Inside, startChild } from './child.ts';
import { cleanEnv } from './environment.ts';
import { missingTool } from './tools.ts';

export { cleanEnv };

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Killed after this long (ms). Every program has a deadline; default one minute. */
  readonly timeoutMs?: number;
  /** Written to its standard input, then closed. */
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** Namespaces it is started in; left out: ours. */
  readonly inside?: Inside | undefined;
  /** Whole environment; default: PATH, HOME, LANG=C.UTF-8 and XDG_RUNTIME_DIR of this process. */
  readonly env?: Record<string, string>;
  /** Called with each line of standard error as it comes, e.g. for progress. */
  readonly onStderrLine?: (line: string) => void;
  /** Called with each line of standard output as it comes. */
  readonly onStdoutLine?: (line: string) => void;
  /** Keep at most this much of each output (bytes); default 16 MiB. */
  readonly maxOutputBytes?: number;
  /** Exit codes that are not failures; default [0]. */
  readonly okCodes?: readonly number[];
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_OUTPUT = 16 * 1024 * 1024;
/** Between SIGTERM and SIGKILL when a program is cancelled or late (ms). */
const TERM_GRACE_MS = 2_000;
/** Between SIGKILL and giving up on its output (ms): a grandchild in a session of its own may hold it for ever. */
const PIPES_GRACE_MS = 1_000;

/**
 * Runs a program to its end. Throws GuesthouseError: `missing-tool`, `timeout`, `cancelled`, or `internal` with the
 * last lines of its standard error as the cause when its exit code is not in `okCodes`.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [command] = argv as [string, ...string[]];
  const okCodes = options.okCodes ?? [0];
  const limit = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT;
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(cancelled(command));
    // In a group of its own, so that cancelling reaches its children too.
    const child = startChild(argv, {
      cwd: options.cwd,
      inside: options.inside,
      env: options.env ?? cleanEnv(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const [input = null, output = null, errors = null] = child.stdio;
    let failure: GuesthouseError | null = null;
    const endings: NodeJS.Timeout[] = [];
    const settle = (how: () => void) => {
      clearTimeout(timer);
      for (const ending of endings) clearTimeout(ending);
      options.signal?.removeEventListener('abort', onAbort);
      how();
    };
    const end = (why: GuesthouseError) => {
      if (failure) return;
      failure = why;
      killGroup(child, 'SIGTERM');
      const kill = setTimeout(() => killGroup(child, 'SIGKILL'), TERM_GRACE_MS);
      const giveUp = setTimeout(() => {
        for (const pipe of child.stdio) pipe?.destroy();
        settle(() => reject(why));
      }, TERM_GRACE_MS + PIPES_GRACE_MS);
      endings.push(kill, giveUp);
    };
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const timer = setTimeout(
      () =>
        end(
          new GuesthouseError({
            code: 'timeout',
            message: `${command} did not finish within ${timeoutMs / 1000} s.`,
            subject: command,
          }),
        ),
      timeoutMs,
    );
    const onAbort = () => end(cancelled(command));
    options.signal?.addEventListener('abort', onAbort, { once: true });

    const stdout = collect(output, limit, options.onStdoutLine);
    const stderr = collect(errors, limit, options.onStderrLine);
    // Without descriptors to spare there are no pipes at all; `error` follows.
    input?.on('error', () => {}); // it may end without reading
    input?.end(options.input ?? '');
    child.on('error', (error: NodeJS.ErrnoException) =>
      settle(() => reject(error.code === 'ENOENT' ? missingTool(command) : toolFailed(command, error.message, -1))),
    );
    child.on('close', (code, signal) =>
      settle(() => {
        if (failure) return reject(failure);
        const result = { code: code ?? 128, stdout: stdout(), stderr: stderr() };
        if (code !== null && okCodes.includes(code)) return resolve(result);
        reject(toolFailed(command, tail(result.stderr || result.stdout) || `ended by ${signal}`, result.code));
      }),
    );
  });
}

export interface DaemonOptions {
  readonly cwd?: string;
  /** Namespaces it is started in; left out: ours. */
  readonly inside?: Inside | undefined;
  readonly env?: Record<string, string>;
  /** File that receives its standard output and error; never a pipe of ours, so it may outlive us. */
  readonly logFile: string;
  /** Further descriptors, as child_process `stdio` entries from number 3 on. */
  readonly extraStdio?: readonly (number | 'pipe' | 'ignore')[];
}

/** Starts a program that outlives this process: own session, output to a file, not waited for. */
export function spawnDaemon(argv: readonly string[], options: DaemonOptions): Child {
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    return startChild(argv, {
      cwd: options.cwd,
      inside: options.inside,
      env: options.env ?? cleanEnv(),
      stdio: ['ignore', log, log, ...(options.extraStdio ?? [])],
    });
  } finally {
    closeSync(log);
  }
}

/** Signals a program started with a group of its own, and its children. */
export function killGroup(child: Child | ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

function collect(stream: NodeJS.ReadableStream | null, limit: number, onLine?: (line: string) => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  let partial = '';
  stream?.on('data', (chunk: Buffer) => {
    if (size < limit) chunks.push(chunk);
    size += chunk.length;
    if (!onLine) return;
    const lines = (partial + chunk.toString('utf8')).split(/\r\n|\r|\n/);
    partial = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
  stream?.on('end', () => {
    if (partial !== '') onLine?.(partial);
  });
  return () => Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}

/** The last few lines say why; the first say hello. */
export function tail(text: string): string {
  return text.trim().split('\n').slice(-3).join('\n').slice(-600);
}

export function cancelled(command: string): GuesthouseError {
  return new GuesthouseError({ code: 'cancelled', message: 'Cancelled.', subject: command });
}

/** `cause`: its own words. */
export function toolFailed(command: string, cause: string, code: number): GuesthouseError {
  return new GuesthouseError({
    code: 'internal',
    message: `${command} failed (exit code ${code}).`,
    subject: command,
    cause,
  });
}
