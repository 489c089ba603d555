/** `guesthouse events`: what happened, and with --follow what happens from now on. One line each. */
import { toErrorShape } from '../../../engine/contract/errors.ts';
import type { EngineEvent, EventQuery } from '../../../engine/contract/event.ts';
import { moment } from '../../../engine/notation/quantity.ts';
import { misused, parse, whole } from '../args.ts';
import { type EngineClient, withEngine } from '../engine.ts';
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
  const query = {
    ...(values.since === undefined ? {} : { since: moment(values.since, '--since') }),
    ...(until === undefined ? {} : { until }),
    ...(values.last === undefined ? {} : { last: whole(values.last, '--last', 1) }),
  };
  await withEngine(
    async (client) => {
      const guest = names[0] === undefined ? null : await client.call('guests.inspect', { guest: names[0] });
      const wanted = { ...query, ...(guest ? { guest: guest.id } : {}) };
      if (!values.follow) for (const event of await client.call('events.list', wanted)) show(event);
      else await follow(client, wanted, show);
    },
    { long: values.follow ?? false },
  );
  return undefined;
}

/** Until it is ended, or `until`; also when the engine's owner ends meanwhile. Each event once. */
async function follow(client: EngineClient, wanted: EventQuery, show: (event: EngineEvent) => void): Promise<void> {
  const end = new AbortController();
  const stop = () => end.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const timer = wanted.until === undefined ? undefined : setTimeout(stop, Math.max(0, wanted.until - Date.now()));
  let query = wanted;
  let lastAt = wanted.since ?? 0;
  /** Those of the last moment: asked for again, they come again. */
  let told = new Set<string>();
  const tell = (event: EngineEvent) => {
    const text = JSON.stringify(event);
    if (told.has(text)) return;
    if (event.at > lastAt) told = new Set();
    lastAt = Math.max(lastAt, event.at);
    told.add(text);
    show(event);
  };
  try {
    do {
      await followOnce(client, query, end.signal, tell).catch((error) => {
        if (toErrorShape(error).code !== 'disconnected') throw error;
      });
      const { last: _, ...rest } = wanted;
      query = { ...rest, since: lastAt };
    } while (!end.signal.aborted && (await client.again()));
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** Resolves when it is aborted or the link is lost. */
async function followOnce(
  client: EngineClient,
  query: EventQuery,
  signal: AbortSignal,
  tell: (event: EngineEvent) => void,
): Promise<void> {
  const buffered: EngineEvent[] = [];
  let live = false;
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  let lose = () => {};
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  const take = (event: EngineEvent) => {
    if (query.guest !== undefined && event.id !== query.guest) return;
    if (live) tell(event);
    else buffered.push(event);
  };
  const unsubscribe = client.subscribe('events', {}, take, () => lose());
  try {
    for (const event of await client.call('events.list', query)) tell(event);
    for (const event of buffered) tell(event);
    live = true;
    if (!signal.aborted) await Promise.race([aborted, lost]);
  } finally {
    unsubscribe();
  }
}

export function eventLine({ at, type, action, id, name, attributes }: EngineEvent): string {
  const more = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
  return plain(`${new Date(at).toISOString()} ${type} ${action} ${id} ${[name, ...more].join(' ')}`);
}
