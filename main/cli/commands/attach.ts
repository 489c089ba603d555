/** `guesthouse attach NAME`: joins a running guest's program as if it had been started here. */

import type { EngineStreams } from '../../../engine/contract/api.ts';
import type { Client } from '../../../engine/contract/client.ts';
import { misused, oneName, parse, quoted } from '../args.ts';
import { withEngine } from '../engine.ts';
import { exitCode } from '../exit-code.ts';
import { showSession } from '../session.ts';
import { passSignals } from '../signals.ts';

export async function run(args: readonly string[]): Promise<number> {
  const { values, names } = parse(args, {
    'no-stdin': { type: 'boolean' },
    'sig-proxy': { type: 'string' },
  });
  const guest = oneName(names, 'attach');
  const options = { input: !values['no-stdin'], signals: signalProxy(values['sig-proxy']) };
  return withEngine((client) => attach(client, guest, { guest, tailBytes: 0 }, options), { long: true });
}

export function signalProxy(text: string | undefined): boolean {
  if (text === undefined || text === 'true') return true;
  if (text === 'false') return false;
  throw misused(`--sig-proxy needs true or false, not ${quoted(text)}.`);
}

/** Shows the guest's main console until its program ends or it is left; answers the program's exit code. */
export async function attach(
  client: Client,
  guest: string,
  from: EngineStreams['console']['args'],
  { input, signals }: { input: boolean; signals: boolean },
): Promise<number> {
  let stop = () => {};
  try {
    const end = await showSession(client, {
      console: from,
      input,
      leaveKey: input,
      onOpen: (stream) => {
        if (signals) stop = passSignals(client, guest, () => stream.close());
      },
    });
    return end.left ? 0 : await exitCode(client, guest, end.exitCode);
  } catch (error) {
    if ((error as { code?: string }).code === 'cancelled') return 130;
    throw error;
  } finally {
    stop();
  }
}
