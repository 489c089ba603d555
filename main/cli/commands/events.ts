/** `guesthouse events`: what happened, and with --follow what happens from now on. One line each. */
import type { EngineEvent } from '../../../engine/contract/event.ts';
import { misused, parse, whole } from '../args.ts';
import { withEngine } from '../engine.ts';
import { moment } from '../options/quantity.ts';
import { plain } from '../print.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    since: { type: 'string' },
    until: { type: 'string' },
    last: { type: 'string', short: 'n' },
    follow: { type: 'boolean', short: 'f' },
    json: { type: 'boolean' },
  });
  if (names.length > 1) throw misused('`events` takes the name of one guest at most.');
  const until = values.until === undefined ? undefined : moment(values.until, '--until');
  const show = (event: EngineEvent) =>
    process.stdout.write(`${values.json ? JSON.stringify(event) : eventLine(event)}\n`);
  await withEngine(
    async (client) => {
      const guest = names[0] === undefined ? null : await client.call('guests.inspect', { guest: names[0] });
      const buffered: EngineEvent[] = [];
      let live = false;
      let end = () => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const stop = values.follow
        ? client.subscribe(
            'events',
            {},
            (event) => {
              if (guest && event.id !== guest.id) return;
              if (live) show(event);
              else buffered.push(event);
            },
            () => end(),
          )
        : () => {};
      try {
        const past = await client.call('events.list', {
          ...(values.since === undefined ? {} : { since: moment(values.since, '--since') }),
          ...(until === undefined ? {} : { until }),
          ...(values.last === undefined ? {} : { last: whole(values.last, '--last', 1) }),
          ...(guest ? { guest: guest.id } : {}),
        });
        const told = new Set(past.map((event) => JSON.stringify(event)));
        for (const event of past) show(event);
        for (const event of buffered) if (!told.has(JSON.stringify(event))) show(event);
        live = true;
        if (!values.follow) return;
        process.once('SIGINT', end);
        process.once('SIGTERM', end);
        const timer = until === undefined ? undefined : setTimeout(end, Math.max(0, until - Date.now()));
        await ended;
        clearTimeout(timer);
      } finally {
        stop();
      }
    },
    { long: values.follow ?? false },
  );
  return undefined;
}

export function eventLine({ at, type, action, id, name, attributes }: EngineEvent): string {
  const more = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
  return plain(`${new Date(at).toISOString()} ${type} ${action} ${id} ${[name, ...more].join(' ')}`);
}
