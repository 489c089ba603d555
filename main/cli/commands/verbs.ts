/** `guesthouse start|stop|kill|restart|pause|resume|suspend|rm NAME...`: each name is tried; the first failure is the exit code. */
import type { Client } from '../../../engine/contract/client.ts';
import { toErrorShape } from '../../../engine/contract/errors.ts';
import type { GuestState } from '../../../engine/contract/guest.ts';
import { signal } from '../../../engine/notation/life.ts';
import { misused, number, parse } from '../args.ts';
import type { CommandModule } from '../commands.ts';
import { forEachName } from '../each.ts';
import { withEngine } from '../engine.ts';

interface Options {
  readonly graceMs?: number;
  readonly force: boolean;
  /** Not into the trash. */
  readonly now?: boolean;
  readonly signal?: string;
}
type Act = (client: Client, guest: string, options: Options) => Promise<unknown>;

const send: Act = (client, guest, options) =>
  client.call('guests.signal', { guest, signal: options.signal ?? 'SIGTERM' });

/**
 * A guest that is already as it was asked to be is no failure, as with other engines' command lines: a script that stops
 * what may have ended by itself need not look first.
 */
const unless = async (client: Client, guest: string, states: readonly GuestState[], act: () => Promise<unknown>) => {
  try {
    return await act();
  } catch (error) {
    if (toErrorShape(error).code !== 'wrong-state') throw error;
    const { state } = await client.call('guests.inspect', { guest });
    if (!states.includes(state)) throw error;
    return null;
  }
};

const ACTS: Readonly<Record<string, Act>> = {
  start: (client, guest) => unless(client, guest, ['running'], () => client.call('guests.start', { guest })),
  stop: (client, guest, { graceMs }) =>
    unless(client, guest, ['stopped', 'failed'], () =>
      client.call('guests.stop', { guest, ...(graceMs === undefined ? {} : { graceMs }) }),
    ),
  kill: (client, guest, options) =>
    options.signal === undefined || options.signal === 'SIGKILL'
      ? client.call('guests.kill', { guest })
      : send(client, guest, options),
  restart: (client, guest, { graceMs }) =>
    client.call('guests.restart', { guest, ...(graceMs === undefined ? {} : { graceMs }) }),
  pause: (client, guest) => client.call('guests.pause', { guest }),
  resume: (client, guest) => client.call('guests.resume', { guest }),
  suspend: (client, guest) => client.call('guests.suspend', { guest }),
  rm: (client, guest, { force, now }) => client.call('guests.remove', { guest, force, keep: !now }),
};

export function verb(name: string): CommandModule {
  return {
    async run(args) {
      const { values, names } = parse(args, {
        ...(name === 'rm' ? ({ force: { type: 'boolean', short: 'f' }, now: { type: 'boolean' } } as const) : {}),
        ...(name === 'stop' || name === 'restart' ? { time: { type: 'string', short: 't' } as const } : {}),
        ...(name === 'kill' ? { signal: { type: 'string', short: 's' } as const } : {}),
      });
      const given = values as { force?: boolean; now?: boolean; time?: string; signal?: string };
      if (names.length === 0)
        throw misused(`\`${name}\` needs the name of a guest.`, `See \`guesthouse help ${name}\`.`);
      const seconds = number(given.time, '--time');
      const options = {
        force: given.force ?? false,
        now: given.now ?? false,
        ...(seconds === undefined ? {} : { graceMs: Math.round(seconds * 1000) }),
        ...(given.signal === undefined ? {} : { signal: signal(given.signal, '--signal') }),
      };
      return withEngine((client) => forEachName(names, (guest) => (ACTS[name] as Act)(client, guest, options)));
    },
  };
}

/** `guesthouse signal SIGNAL NAME...`. */
export async function run(args: readonly string[]): Promise<number> {
  const [word, ...names] = parse(args, {}).names;
  if (word === undefined || names.length === 0)
    throw misused('`signal` needs a signal and the name of a guest.', 'Write e.g. guesthouse signal HUP web.');
  const options = { force: false, signal: signal(word, 'signal') };
  return withEngine((client) => forEachName(names, (guest) => send(client, guest, options)));
}
