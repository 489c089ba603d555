/** `guesthouse console NAME`: the guest's own console; leaving it leaves the guest running. */
import { oneName, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { toStdout } from '../stream.ts';
import { joinTerminal } from '../terminal.ts';

/** Enough to see where one is, not the whole history again (bytes). */
const TAIL_BYTES = 16 * 1024;

export async function run(args: readonly string[]): Promise<number> {
  const { names } = parse(args, {});
  const guest = oneName(names, 'console');
  return withEngine(
    async (client) => {
      const output = toStdout();
      const stream = await client.open(
        'console',
        { guest, tailBytes: TAIL_BYTES },
        { onData: (bytes, stream) => output.write(bytes, () => stream.consumed(bytes.length)) },
      );
      if (process.stdin.isTTY) process.stderr.write('Ctrl-] leaves this console; the guest goes on.\r\n');
      const restore = joinTerminal(stream, { leaveKey: process.stdin.isTTY === true, onLeave: () => stream.close() });
      try {
        const { exitCode } = await stream.ended;
        await output.flushed();
        return exitCode ?? 0;
      } catch (error) {
        if ((error as { code?: string }).code === 'cancelled') return 0;
        throw error;
      } finally {
        restore();
      }
    },
    { long: true },
  );
}
