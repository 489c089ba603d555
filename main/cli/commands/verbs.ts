/** `guesthouse start|stop|kill|restart|pause|resume|rm NAME...`: each name is tried; the first failure is the exit code. */
import type { Client } from '../../../engine/contract/client.ts';
import { toErrorShape } from '../../../engine/contract/errors.ts';
import { misused, number, parse } from '../args.ts';
import type { CommandModule } from '../commands.ts';
import { withEngine } from '../engine.ts';
import { printError } from '../print.ts';

type Act = (client: Client, guest: string, options: { graceMs?: number; force: boolean }) => Promise<unknown>;

const ACTS: Readonly<Record<string, Act>> = {
  start: (client, guest) => client.call('guests.start', { guest }),
  stop: (client, guest, { graceMs }) =>
    client.call('guests.stop', { guest, ...(graceMs === undefined ? {} : { graceMs }) }),
  kill: (client, guest) => client.call('guests.kill', { guest }),
  restart: (client, guest, { graceMs }) =>
    client.call('guests.restart', { guest, ...(graceMs === undefined ? {} : { graceMs }) }),
  pause: (client, guest) => client.call('guests.pause', { guest }),
  resume: (client, guest) => client.call('guests.resume', { guest }),
  rm: (client, guest, { force }) => client.call('guests.remove', { guest, force }),
};

export function verb(name: string): CommandModule {
  return {
    async run(args) {
      const { values, names } = parse(args, {
        ...(name === 'rm' ? { force: { type: 'boolean', short: 'f' } as const } : {}),
        ...(name === 'stop' || name === 'restart' ? { time: { type: 'string', short: 't' } as const } : {}),
      });
      const { force, time } = values as { force?: boolean; time?: string };
      if (names.length === 0)
        throw misused(`\`${name}\` needs the name of a guest.`, `See \`guesthouse help ${name}\`.`);
      const seconds = number(time, '--time');
      const options = {
        force: force ?? false,
        ...(seconds === undefined ? {} : { graceMs: Math.round(seconds * 1000) }),
      };
      return withEngine(async (client) => {
        let failed = false;
        for (const guest of names) {
          try {
            await (ACTS[name] as Act)(client, guest, options);
            process.stdout.write(`${guest}\n`);
          } catch (error) {
            failed = true;
            printError(toErrorShape(error));
          }
        }
        return failed ? 1 : 0;
      });
    },
  };
}
