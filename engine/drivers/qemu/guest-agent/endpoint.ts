/**
 * A program run by a guest's agent, as a console: no terminal, its output all at once at its end. For guests with a
 * system of their own.
 */
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { ConsoleEndpoint, ExecRequest } from '../../driver.ts';
import { execByAgent } from './acts.ts';
import type { GuestAgent } from './client.ts';

/** A program that reads is given what comes within this, then all until its end (ms). */
const INPUT_WAIT_MS = 300;
/** The agent takes input in one piece (bytes). */
const MAX_INPUT_BYTES = 1024 * 1024;
const EXEC_TIMEOUT_MS = 24 * 60 * 60_000;

/** Throws `unsupported` for a terminal. */
export function agentEndpoint(agent: GuestAgent, guestId: string, request: ExecRequest): ConsoleEndpoint {
  if (request.tty || request.command.length === 0) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: 'The guest’s agent opens no terminals.',
      subject: 'tty',
      hint: 'Name a command and leave the terminal out, or use the console or the screen.',
    });
  }
  const input: Buffer[] = [];
  let size = 0;
  const abort = new AbortController();
  const inputEnded = Promise.withResolvers<void>();
  return {
    id: `${guestId}:exec-${randomBytes(4).toString('hex')}`,
    guestId,
    kind: 'exec',
    title: basename(request.command[0] as string),
    tty: false,
    startedAt: Date.now(),
    history: async () => [],
    async start({ onData, onEnd }) {
      const work = async () => {
        const none = new Promise<void>((done) => setTimeout(done, INPUT_WAIT_MS).unref());
        await Promise.race([inputEnded.promise, none.then(() => (size > 0 ? inputEnded.promise : undefined))]);
        const bytes = size > 0 ? Buffer.concat(input) : null;
        const asked = { command: words(request), env: request.env, input: bytes, timeoutMs: EXEC_TIMEOUT_MS };
        const { code, stdout, stderr, truncated } = await execByAgent(agent, { ...asked, signal: abort.signal });
        if (stdout.length > 0) onData(stdout, 'stdout');
        if (stderr.length > 0) onData(stderr, 'stderr');
        if (truncated) onData(Buffer.from('guesthouse: the agent kept no more of the output\n'), 'stderr');
        return code;
      };
      work().then(onEnd, (error: Error) => {
        if (abort.signal.aborted) return;
        const cause = error instanceof GuesthouseError && error.cause !== undefined ? ` ${error.cause}` : '';
        onData(Buffer.from(`${error.message}${cause}\n`), 'stderr');
        // As a shell says of what cannot be started.
        onEnd(/No such file|not find/.test(cause) ? 127 : 126);
      });
    },
    write(bytes) {
      size += bytes.length;
      if (size <= MAX_INPUT_BYTES) input.push(Buffer.from(bytes));
      return true;
    },
    drained: async () => {},
    endInput: inputEnded.resolve,
    resize() {},
    pause() {},
    resume() {},
    detach: () => abort.abort(),
  };
}

/** The agent knows no user and no folder: tools that nearly every Unix has do. Pure. */
export function words({ command, user, workingDir }: Pick<ExecRequest, 'command' | 'user' | 'workingDir'>): string[] {
  const there = workingDir === undefined ? [] : ['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', workingDir];
  return [...(user === null || user === '' ? [] : ['runuser', '-u', user, '--']), ...there, ...command];
}
