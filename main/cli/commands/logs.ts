/** `guesthouse logs [-f] NAME`: bytes as the guest wrote them. */
import { oneName, parse, whole } from '../args.ts';
import { withEngine } from '../engine.ts';
import { moment } from '../options/quantity.ts';
import { toStderr, toStdout } from '../stream.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    follow: { type: 'boolean', short: 'f' },
    tail: { type: 'string', short: 'n' },
    since: { type: 'string' },
    until: { type: 'string' },
    timestamps: { type: 'boolean', short: 't' },
  });
  const guest = oneName(names, 'logs');
  const request = {
    guest,
    follow: values.follow ?? false,
    ...(values.tail === undefined || values.tail === 'all' ? {} : { tailLines: whole(values.tail, '--tail') }),
    ...(values.since === undefined ? {} : { sinceMs: moment(values.since, '--since') }),
    ...(values.until === undefined ? {} : { untilMs: moment(values.until, '--until') }),
    ...(values.timestamps ? { timestamps: true } : {}),
  };
  await withEngine(
    async (client) => {
      const outputs = { stdout: toStdout(), stderr: toStderr() };
      let channel: 'stdout' | 'stderr' = 'stdout';
      const stream = await client.open('logs', request, {
        onData: (bytes, from) => outputs[channel].write(bytes, () => from.consumed(bytes.length)),
        onControl: (mark) => {
          if (mark.type === 'output') channel = mark.channel;
        },
      });
      process.once('SIGINT', () => stream.close());
      process.once('SIGTERM', () => stream.close());
      await stream.ended.catch((error) => {
        if (error.code !== 'cancelled') throw error;
      });
      await Promise.all([outputs.stdout.flushed(), outputs.stderr.flushed()]);
    },
    { long: values.follow ?? false },
  );
  return undefined;
}
