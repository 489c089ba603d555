/** `guesthouse activity [NAME] | activity log ID | activity retry ID`: what was asked of the engine, by whom, and how it ended. */
import type { Asker, Operation } from '../../../engine/contract/operation.ts';
import { exactly, misused, parse, whole } from '../args.ts';
import { withEngine } from '../engine.ts';
import { plain, printJson, printTable } from '../print.ts';

const flag = { type: 'boolean' } as const;
/** Rows without -n. */
const ROWS = 50;

export async function run(args: readonly string[]): Promise<undefined> {
  if (args[0] === 'log') return showLog(args.slice(1));
  if (args[0] === 'retry') return retry(args.slice(1));
  const { values, names } = parse(args, { json: flag, last: { type: 'string', short: 'n' } as const });
  if (names.length > 1) throw misused('`activity` takes the name of one guest or image at most.');
  const last = values.last === undefined ? ROWS : whole(values.last, '--last', 1);
  const all = await withEngine((client) => client.call('operations.list', {}));
  const [name] = names;
  const wanted = all.filter(({ target, targetId }) => name === undefined || target === name || targetId === name);
  const shown = [...wanted].sort((a, b) => a.startedAt - b.startedAt).slice(-last);
  if (values.json) return printJson(shown) as undefined;
  printTable(
    ['ID', 'WHEN', 'WHO', 'WHAT', 'TOOK', 'OUTCOME'],
    shown.map((one) => [
      one.id,
      new Date(one.startedAt).toISOString().slice(0, 19).replace('T', ' '),
      askerText(one.asker),
      plain(`${one.verb} ${one.target}`),
      one.endedAt === null ? '-' : `${((one.endedAt - one.startedAt) / 1000).toFixed(1)} s`,
      outcome(one),
    ]),
  );
  return undefined;
}

async function showLog(args: readonly string[]): Promise<undefined> {
  const [operation] = exactly(parse(args, {}).names, 1, 'activity log', 'the id of an act') as [string];
  await withEngine(
    async (client) => {
      const stream = await client.open(
        'operation',
        { operation },
        {
          onData: (bytes, from) => {
            process.stdout.write(bytes);
            from.consumed(bytes.length);
          },
        },
      );
      await stream.ended;
    },
    { long: true },
  );
  return undefined;
}

async function retry(args: readonly string[]): Promise<undefined> {
  const [operation] = exactly(parse(args, {}).names, 1, 'activity retry', 'the id of an act') as [string];
  await withEngine((client) => client.call('operations.retry', { operation }));
  return undefined;
}

/** `window (ada)`, `compose shop (ada)`, `policy`. */
export function askerText(asker: Asker | undefined): string {
  if (!asker) return '-';
  const by = asker.project === undefined ? asker.by : `${asker.by} ${asker.project}`;
  return plain(asker.user === undefined ? by : `${by} (${asker.user})`);
}

function outcome({ state, error }: Operation): string {
  return state === 'failed' && error ? plain(`failed: ${error.message}`) : state;
}
