/** A console session on this terminal: output told apart to stdout and stderr, input and size passed on, until it ends. */
import type { EngineStreams } from '../../engine/contract/api.ts';
import type { ClientStream } from '../../engine/contract/client.ts';
import { type EngineClient, goesOn } from './engine.ts';
import { createSessionResume } from './resume-session.ts';
import { toStderr, toStdout } from './stream.ts';
import { joinTerminal } from './terminal.ts';

export interface SessionWishes {
  readonly console: EngineStreams['console']['args'];
  /** What is typed here goes to the program. */
  readonly input: boolean;
  /** Leave it; the program goes on. Only where the program has a terminal and so have we. */
  readonly leaveKeys: Uint8Array | null;
  /** Called whenever it was opened, more than once when the engine got another owner. */
  readonly onOpen?: (stream: ClientStream<'console'>) => void;
}

export type SessionEnd = { readonly left: true } | { readonly left: false; readonly exitCode: number | null };

/**
 * Resolves when all it wrote was taken. When the engine's owner ends meanwhile it goes on with the next one. Throws when it
 * cannot be opened.
 */
export async function showSession(client: EngineClient, wishes: SessionWishes): Promise<SessionEnd> {
  const resume = createSessionResume(wishes.console);
  for (;;) {
    try {
      return await showOnce(client, { ...wishes, console: resume.request() }, resume);
    } catch (error) {
      if (!(await goesOn(client, error))) throw error;
      resume.lost();
    }
  }
}

async function showOnce(
  client: EngineClient,
  wishes: SessionWishes,
  resume: ReturnType<typeof createSessionResume>,
): Promise<SessionEnd> {
  const outputs = { stdout: toStdout(), stderr: toStderr() };
  let channel: 'stdout' | 'stderr' = 'stdout';
  let left = false;
  const stream = await client.open('console', wishes.console, {
    onData: (bytes, from) => outputs[channel].write(resume.add(channel, bytes), () => from.consumed(bytes.length)),
    onControl: (mark) => {
      if (mark.type === 'output') channel = mark.channel;
    },
  });
  resume.opened(stream.opened.id);
  const { tty } = stream.opened;
  const restore = joinTerminal(stream, {
    input: wishes.input,
    raw: tty,
    leaveKeys: tty && process.stdin.isTTY === true ? wishes.leaveKeys : null,
    onLeave: () => {
      left = true;
      stream.close();
    },
  });
  try {
    wishes.onOpen?.(stream);
    const { exitCode } = await stream.ended;
    return { left: false, exitCode };
  } catch (error) {
    if (left) return { left };
    throw error;
  } finally {
    await Promise.all([outputs.stdout.flushed(), outputs.stderr.flushed()]);
    restore();
  }
}
