/** QEMU's monitor on this terminal: a line, its answer, the next line. */
import { createInterface } from 'node:readline';
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import { withEngine } from '../engine.ts';

const PROMPT = '(qemu) ';

/** Until the end of input, or of the machine. */
export async function showMonitor(guest: string): Promise<number> {
  return withEngine(
    async (client) => {
      // Also tells at once of a guest that has none. Before the lines are listened to: what comes unheard is lost.
      process.stderr.write(`QEMU ${await client.call('guests.monitor', { guest, line: 'info version' })}`);
      const terminal = process.stdin.isTTY === true;
      const lines = createInterface({ input: process.stdin, output: process.stderr, terminal, prompt: PROMPT });
      const ask = () => terminal && lines.prompt();
      try {
        ask();
        for await (const line of lines) {
          if (line.trim() !== '') {
            const said = await client.call('guests.monitor', { guest, line }).catch((error) => {
              if (error instanceof GuesthouseError && error.code === 'disconnected') return null;
              throw error;
            });
            if (said === null) return 0;
            process.stdout.write(said);
          }
          ask();
        }
        return 0;
      } finally {
        lines.close();
      }
    },
    { long: true },
  );
}
