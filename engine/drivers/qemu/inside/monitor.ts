/**
 * QEMU's own monitor, one line at a time, for experts: nothing is kept from them. What a line does to the machine's state
 * (`stop`, `cont`, `quit`) is seen by its events, as if it happened by itself.
 */
import { GuesthouseError } from '../../../contract/errors.ts';
import type { LiveMachine } from '../live.ts';

const MAX_CHARACTERS = 1_000;

/** Throws `invalid` for what is no line, and as `Qmp.execute` does; a line QEMU does not know is answered in its words. */
export async function askMonitor(machine: LiveMachine, line: string): Promise<string> {
  if (line.trim() === '' || line.length > MAX_CHARACTERS || /\p{Cc}/u.test(line)) {
    throw new GuesthouseError({
      code: 'invalid',
      message: 'That is no line for the monitor.',
      subject: 'line',
      hint: `Give one line of at most ${MAX_CHARACTERS} characters, such as \`info status\`; \`help\` lists what there is.`,
    });
  }
  const said = await (await machine.qmp()).execute('human-monitor-command', { 'command-line': line });
  return String(said).replaceAll('\r\n', '\n');
}
