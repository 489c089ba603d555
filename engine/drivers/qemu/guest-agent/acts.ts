/** What else an agent is asked to do: end the guest, set its clock and passwords, run a program. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { GuestAgent } from './client.ts';
import { object } from './facts.ts';

/** Between two questions whether a program ended (ms): most do at once. */
const FIRST_POLL_MS = 5;
const LAST_POLL_MS = 150;

/** Resolves once it was asked; the end is seen elsewhere. */
export function shutDown(agent: GuestAgent): Promise<void> {
  return agent.tell('guest-shutdown', { mode: 'powerdown' });
}

/** After a pause or a resume from disk the guest's clock is late by that long. */
export async function setTime(agent: GuestAgent, nowMs: number): Promise<void> {
  // In nanoseconds: more digits than a double has.
  const time = Math.round(nowMs) * 1_000_000;
  await agent.execute('guest-set-time', { time });
}

/** Throws `guest-failed` when there is no such user. */
export async function setPassword(agent: GuestAgent, user: string, password: string): Promise<void> {
  const bytes = Buffer.from(password).toString('base64');
  await agent.execute('guest-set-user-password', { username: user, password: bytes, crypted: false });
}

export interface AgentExec {
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly input: Uint8Array | null;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** When `signal` fires, or it takes too long, the program is ended; left out: it goes on. */
  readonly endOnAbort?: boolean;
}

export interface AgentExecResult {
  /** null: ended by a signal. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** There was more than the agent keeps. */
  readonly truncated: boolean;
}

/** Runs a program to its end and answers all of its output at once; there is no live output over the agent. */
export async function execByAgent(agent: GuestAgent, request: AgentExec): Promise<AgentExecResult> {
  const [path, ...arg] = request.command as [string, ...string[]];
  const started = object(
    await agent.execute('guest-exec', {
      path,
      arg,
      ...(request.env.length > 0 ? { env: request.env } : {}),
      ...(request.input ? { 'input-data': Buffer.from(request.input).toString('base64') } : {}),
      'capture-output': true,
    }),
  );
  if (typeof started.pid !== 'number') throw noAnswer();
  try {
    return await ended(agent, path, started.pid, request);
  } catch (error) {
    // Its number is its own until the agent was asked how it ended, and the answer would have been returned.
    if (request.endOnAbort === true)
      await agent
        .execute('guest-exec', { path: 'kill', arg: ['-TERM', String(started.pid)], 'capture-output': false })
        .catch(() => {});
    throw error;
  }
}

async function ended(
  agent: GuestAgent,
  path: string,
  pid: number,
  { timeoutMs, signal }: AgentExec,
): Promise<AgentExecResult> {
  const until = performance.now() + timeoutMs;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_POLL_MS)) {
    signal?.throwIfAborted();
    const status = object(await agent.execute('guest-exec-status', { pid }));
    if (status.exited === true) {
      return {
        code: typeof status.exitcode === 'number' ? status.exitcode & 0xff : null,
        stdout: decoded(status['out-data']),
        stderr: decoded(status['err-data']),
        truncated: status['out-truncated'] === true || status['err-truncated'] === true,
      };
    }
    if (performance.now() > until) {
      throw new GuesthouseError({
        code: 'timeout',
        message: 'The program in the guest did not end in time; it goes on.',
        subject: path,
      });
    }
    await sleep(pauseMs);
  }
}

function decoded(value: unknown): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
}

function noAnswer(): GuesthouseError {
  return new GuesthouseError({ code: 'bad-data', message: 'The guest agent answers nonsense.', subject: 'guest-exec' });
}
