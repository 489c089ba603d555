/** `guesthouse logs [-f] NAME`: bytes as the guest wrote them. */
import { number, oneName, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { toStdout } from '../stream.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    follow: { type: 'boolean', short: 'f' },
    tail: { type: 'string', short: 'n' },
  });
  const guest = oneName(names, 'logs');
  const tailLines = number(values.tail, '--tail');
  await withEngine(
    async (client) => {
      const output = toStdout();
      const stream = await client.open(
        'logs',
        { guest, follow: values.follow ?? false, ...(tailLines === undefined ? {} : { tailLines }) },
        { onData: (bytes, stream) => output.write(bytes, () => stream.consumed(bytes.length)) },
      );
      process.once('SIGINT', () => stream.close());
      await stream.ended.catch((error) => {
        if (error.code !== 'cancelled') throw error;
      });
      await output.flushed();
    },
    { long: values.follow ?? false },
  );
  return undefined;
}
