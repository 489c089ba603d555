/** `guesthouse console [--monitor] NAME`: the guest's own console, or QEMU's; leaving it leaves the guest running. */
import { oneName, parse } from '../args.ts';
import { LEAVE_KEYS } from '../detach-keys.ts';
import { withEngine } from '../engine.ts';
import { showSession } from '../session.ts';

/** Enough to see where one is, not the whole history again (bytes). */
const TAIL_BYTES = 16 * 1024;

export async function run(args: readonly string[]): Promise<number> {
  const { names, values } = parse(args, { monitor: { type: 'boolean' } });
  const guest = oneName(names, 'console');
  if (values.monitor) return (await import('./monitor.ts')).showMonitor(guest);
  return withEngine(
    async (client) => {
      const end = await showSession(client, {
        console: { guest, tailBytes: TAIL_BYTES },
        input: true,
        leaveKeys: LEAVE_KEYS,
        onOpen: ({ opened }) => {
          if (opened.tty && process.stdin.isTTY)
            process.stderr.write('Ctrl-] leaves this console; the guest goes on.\r\n');
        },
      });
      return end.left ? 0 : (end.exitCode ?? 0);
    },
    { long: true },
  );
}
