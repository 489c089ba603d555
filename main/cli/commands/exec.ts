/** `guesthouse exec [-t] NAME -- CMD...`: exits with the program's own code. */
import type { CallArgs, ConsoleMark } from '../../../engine/contract/api.ts';
import type { Client } from '../../../engine/contract/client.ts';
import { toErrorShape } from '../../../engine/contract/errors.ts';
import type { ConsoleSession } from '../../../engine/contract/guest.ts';
import { misused, oneName, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { printError } from '../print.ts';
import { toStderr, toStdout } from '../stream.ts';
import { joinTerminal } from '../terminal.ts';

export async function run(args: readonly string[]): Promise<number> {
  const { values, names, command } = parse(args, {
    tty: { type: 'boolean', short: 't' },
    user: { type: 'string', short: 'u' },
    env: { type: 'string', short: 'e', multiple: true },
  });
  const guest = oneName(names, 'exec');
  const tty = values.tty ?? false;
  if (!tty && (command === null || command.length === 0)) {
    throw misused('`exec` needs a command after `--`.', 'Write e.g. guesthouse exec NAME -- ls /, or -t for a shell.');
  }
  const { columns, rows } = process.stdout;
  return withEngine(async (client) => {
    const session = await begin(client, {
      guest,
      command: command ?? [],
      tty,
      ...(columns ? { columns } : {}),
      ...(rows ? { rows } : {}),
      ...(values.user === undefined ? {} : { user: values.user }),
      ...(values.env === undefined ? {} : { env: values.env }),
    });
    if (typeof session === 'number') return session;
    const outputs = { stdout: toStdout(), stderr: toStderr() };
    let channel: 'stdout' | 'stderr' = 'stdout';
    const stream = await client.open(
      'console',
      { session: session.id },
      {
        onData: (bytes, stream) => outputs[channel].write(bytes, () => stream.consumed(bytes.length)),
        onControl: (mark: ConsoleMark) => {
          if (mark.type === 'output') channel = mark.channel;
        },
      },
    );
    const restore = joinTerminal(stream, { leaveKey: false, onLeave: () => {} });
    const interrupt = () => void client.call('consoles.close', { session: session.id }).catch(() => {});
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    try {
      const { exitCode } = await stream.ended;
      await Promise.all([outputs.stdout.flushed(), outputs.stderr.flushed()]);
      return exitCode ?? 130;
    } finally {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
      restore();
      await client.call('consoles.close', { session: session.id }).catch(() => {});
    }
  });
}

/** As shells do: 127 when there is no such program in the guest, 126 when it cannot be executed. */
async function begin(client: Client, args: CallArgs<'consoles.exec'>): Promise<ConsoleSession | number> {
  try {
    return await client.call('consoles.exec', args);
  } catch (error) {
    const shape = toErrorShape(error);
    if (shape.subject !== args.command[0] || (shape.code !== 'not-found' && shape.code !== 'denied')) throw error;
    printError(shape);
    return shape.code === 'not-found' ? 127 : 126;
  }
}
