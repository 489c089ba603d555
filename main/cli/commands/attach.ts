/** `guesthouse attach NAME`: joins a running guest's program as if it had been started here. */
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import type { Guest } from '../../../engine/contract/guest.ts';
import { misused, oneName, parse, quoted } from '../args.ts';
import { detachKeys, LEAVE_KEYS } from '../detach-keys.ts';
import { type EngineClient, withEngine } from '../engine.ts';
import { exitCode } from '../exit-code.ts';
import { showSession } from '../session.ts';
import { passSignals } from '../signals.ts';
import { untilGone } from '../until-gone.ts';

export async function run(args: readonly string[]): Promise<number> {
  const { values, names } = parse(args, {
    'no-stdin': { type: 'boolean' },
    'sig-proxy': { type: 'string' },
    'detach-keys': { type: 'string' },
  });
  const name = oneName(names, 'attach');
  const options = {
    input: !values['no-stdin'],
    signals: signalProxy(values['sig-proxy']),
    leaveKeys: leaveKeys(values['detach-keys']),
  };
  return withEngine(
    async (client) => {
      const guest = await client.call('guests.inspect', { guest: name });
      if (guest.state !== 'running' && guest.state !== 'paused') {
        throw new GuesthouseError({
          code: 'wrong-state',
          message: `${guest.name} is not running.`,
          subject: guest.name,
          hint: 'Start it first; what it wrote so far is in its log.',
        });
      }
      return attach(client, guest, options);
    },
    { long: true },
  );
}

export function signalProxy(text: string | undefined): boolean {
  if (text === undefined || text === 'true') return true;
  if (text === 'false') return false;
  throw misused(`--sig-proxy needs true or false, not ${quoted(text)}.`);
}

/** Ctrl-] unless others are asked for. */
export function leaveKeys(text: string | undefined): Uint8Array {
  return text === undefined ? LEAVE_KEYS : detachKeys(text);
}

export interface AttachOptions {
  readonly input: boolean;
  /** Signals are passed on to the program. */
  readonly signals: boolean;
  readonly leaveKeys: Uint8Array;
  /** Its console, shown from the beginning; left out: from now on. */
  readonly session?: string | null;
}

/** Shows the guest's main program until it ends or is left; answers its exit code. */
export async function attach(client: EngineClient, { id, name, spec }: Guest, options: AttachOptions): Promise<number> {
  const { input, signals, leaveKeys, session } = options;
  let stop = () => {};
  try {
    const end = await showSession(client, {
      // Whoever has our output in a pipe shall have all of it.
      console: session ? { session, hold: true } : { guest: id, tailBytes: 0, hold: true },
      input,
      leaveKeys: input ? leaveKeys : null,
      onOpen: (stream) => {
        stop();
        if (signals) stop = passSignals(client, id, () => stream.close());
      },
    });
    if (end.left) return 0;
    const code = await exitCode(client, { id, name }, end.exitCode);
    // The next command of a script may want its name, its ports or its image.
    if (spec.disposable) await untilGone(client, id);
    return code;
  } catch (error) {
    if ((error as { code?: string }).code === 'cancelled') return 130;
    throw error;
  } finally {
    stop();
  }
}
