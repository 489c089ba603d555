/** A program that is given its input piece by piece and says nothing of worth but how it ended. */
import { GuesthouseError } from '../contract/errors.ts';
import { startChild } from './child.ts';
import { cancelled, cleanEnv, killGroup, tail, toolFailed } from './process.ts';
import { missingTool } from './tools.ts';

export interface Feed {
  /** Resolves when more may be given. Throws how the program ended, once it has. */
  write(pieces: readonly Uint8Array[]): Promise<void>;
  /** Nothing more comes. Resolves when the program ended well, throws like `run` otherwise. */
  end(): Promise<void>;
  /** Kills it where it still runs; resolves when it is gone. Never throws. */
  stop(): Promise<void>;
}

/** Of what it says on its standard error (bytes). */
const MAX_SAID_BYTES = 64 * 1024;

/** Throws `missing-tool`, `timeout`, `cancelled` or `internal` from whichever of its methods is called next. */
export function feedTo(
  argv: readonly string[],
  { signal, timeoutMs }: { readonly signal?: AbortSignal | undefined; readonly timeoutMs: number },
): Feed {
  const command = argv[0] as string;
  if (signal?.aborted) throw cancelled(command);
  const child = startChild(argv, { env: cleanEnv(), stdio: ['pipe', 'ignore', 'pipe'] });
  const [stdin, , stderr] = child.stdio;
  let failure: GuesthouseError | null = null;
  const kill = (why: GuesthouseError) => {
    failure ??= why;
    killGroup(child, 'SIGKILL');
  };
  const onAbort = () => kill(cancelled(command));
  signal?.addEventListener('abort', onAbort, { once: true });
  const late = `${command} did not finish within ${timeoutMs / 1000} s.`;
  const timer = setTimeout(
    () => kill(new GuesthouseError({ code: 'timeout', message: late, subject: command })),
    timeoutMs,
  );
  let said = '';
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID_BYTES);
  });
  stdin?.on('error', () => {}); // it may end without reading; its exit code says whether that was well
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? missingTool(command) : toolFailed(command, error.message, -1)),
    );
    child.on('close', (code, by) => {
      if (failure) reject(failure);
      else if (code === 0) resolve();
      else reject(toolFailed(command, tail(said) || `ended by ${by}`, code ?? 128));
    });
  }).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });
  ended.catch(() => {}); // whoever calls next hears of it

  return {
    async write(pieces) {
      if (!stdin) return ended; // it did not even start
      stdin.cork();
      let hasRoom = true;
      for (const piece of pieces) hasRoom = stdin.write(piece);
      stdin.uncork();
      if (hasRoom && !stdin.destroyed) return;
      const drained = new Promise<'drained'>((resolve) => stdin.once('drain', () => resolve('drained')));
      if ((await Promise.race([drained, ended])) === 'drained') return;
      // It read no further and ended well: nothing after this matters to it.
    },
    async end() {
      stdin?.end();
      await ended;
    },
    async stop() {
      kill(cancelled(command));
      await ended.catch(() => {});
    },
  };
}
