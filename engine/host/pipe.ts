/** A program whose input or output is too much to hold: the bytes flow, and how it ended is judged all the same. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GuesthouseError } from '../contract/errors.ts';
import { cancelled, cleanEnv, killGroup, tail, toolFailed } from './process.ts';
import { missingTool } from './tools.ts';

export interface PipeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Killed after this long (ms). */
  readonly timeoutMs: number;
  /** Written to its standard input, which is then closed. What it throws ends the program and is thrown. */
  readonly input?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Exit codes that are not failures; default [0]. */
  readonly okCodes?: readonly number[];
  /** Open descriptors of ours that it has too, as numbers 3, 4 and so on. */
  readonly descriptors?: readonly number[];
}

/** Input made ahead of what the program has read (bytes). */
const AHEAD_BYTES = 1024 * 1024;
/** Of what it says on its standard error (bytes). */
const MAX_SAID_BYTES = 64 * 1024;

/**
 * Standard output of a program, piece by piece. Throws like `run` once the output ended; whoever stops reading before
 * ends the program, and its children with it.
 */
export async function* pipeFrom(argv: readonly string[], options: PipeOptions): AsyncGenerator<Buffer> {
  const [command, ...args] = argv as [string, ...string[]];
  const { signal, timeoutMs, input = new Uint8Array(0), okCodes = [0] } = options;
  if (signal?.aborted) throw cancelled(command);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? cleanEnv(),
    stdio: ['pipe', 'pipe', 'pipe', ...(options.descriptors ?? [])],
    detached: true, // a group of its own, so that ending it reaches its children too
  }) as ChildProcessWithoutNullStreams;
  let failure: unknown = null;
  const end = (why: unknown) => {
    failure ??= why;
    killGroup(child, 'SIGKILL');
    child.stdout.destroy();
  };
  const onAbort = () => end(cancelled(command));
  signal?.addEventListener('abort', onAbort, { once: true });
  const late = () =>
    new GuesthouseError({
      code: 'timeout',
      message: `${command} did not finish within ${timeoutMs / 1000} s.`,
      subject: command,
    });
  const timer = setTimeout(() => end(late()), timeoutMs);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID_BYTES);
  });
  const closed = new Promise<number>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? missingTool(command) : toolFailed(command, error.message, -1)),
    );
    child.on('close', (code, by) => {
      if (by !== null) said ||= `ended by ${by}`;
      resolve(code ?? 128);
    });
  });
  closed.catch(() => {});
  const source =
    Symbol.asyncIterator in input
      ? Readable.from(input, { objectMode: false, highWaterMark: AHEAD_BYTES })
      : Readable.from([input]);
  const fed = pipeline(source, child.stdin).catch((error: NodeJS.ErrnoException) => {
    // It may end without reading all of it; its exit code says whether that was well.
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') end(error);
  });
  let read = false;
  try {
    for await (const piece of child.stdout) yield piece as Buffer;
    read = true;
  } catch (error) {
    failure ??= error;
  } finally {
    if (!read) end(failure);
    const code = await closed.catch((error) => {
      failure ??= error;
      return -1;
    });
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    await fed;
    if (failure === null && read && !okCodes.includes(code)) failure = toolFailed(command, tail(said), code);
  }
  if (failure !== null) throw failure;
}
