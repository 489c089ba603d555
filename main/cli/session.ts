/** A console session on this terminal: output told apart to stdout and stderr, input and size passed on, until it ends. */
import type { EngineStreams } from '../../engine/contract/api.ts';
import type { Client, ClientStream } from '../../engine/contract/client.ts';
import { toStderr, toStdout } from './stream.ts';
import { joinTerminal } from './terminal.ts';

export interface SessionWishes {
  readonly console: EngineStreams['console']['args'];
  /** What is typed here goes to the program. */
  readonly input: boolean;
  /** Ctrl-] leaves it; the program goes on. Only where the program has a terminal and so have we. */
  readonly leaveKey: boolean;
  /** Called once it is open. */
  readonly onOpen?: (stream: ClientStream<'console'>) => void;
}

export type SessionEnd = { readonly left: true } | { readonly left: false; readonly exitCode: number | null };

/** Resolves when all it wrote was taken. Throws when it cannot be opened or the link is lost. */
export async function showSession(client: Client, wishes: SessionWishes): Promise<SessionEnd> {
  const outputs = { stdout: toStdout(), stderr: toStderr() };
  let channel: 'stdout' | 'stderr' = 'stdout';
  let left = false;
  const stream = await client.open('console', wishes.console, {
    onData: (bytes, from) => outputs[channel].write(bytes, () => from.consumed(bytes.length)),
    onControl: (mark) => {
      if (mark.type === 'output') channel = mark.channel;
    },
  });
  const { tty } = stream.opened;
  const restore = joinTerminal(stream, {
    input: wishes.input,
    raw: tty,
    leaveKey: wishes.leaveKey && tty && process.stdin.isTTY === true,
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
