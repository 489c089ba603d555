/** `guesthouse exec [-t] NAME -- CMD...`: exits with the program's own code. */
import type { ConsoleMark } from '../../../engine/contract/api.ts';
import { misused, oneName, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
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
    const session = await client.call('consoles.exec', {
      guest,
      command: command ?? [],
      tty,
      ...(columns ? { columns } : {}),
      ...(rows ? { rows } : {}),
      ...(values.user === undefined ? {} : { user: values.user }),
      ...(values.env === undefined ? {} : { env: values.env }),
    });
    const outputs = { stdout: toStdout(), stderr: toStderr() };
    let channel: 'stdout' | 'stderr' = 'stdout';
    const stream = await client.open(
      'console',
      { session: session.id },
      {
        onData: (bytes) => outputs[channel].write(bytes, () => stream.consumed(bytes.length)),
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
