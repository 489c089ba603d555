/** `guesthouse snapshot ls|take|restore|rm|branch|rename|schedule`. */
import type { Client } from '../../../engine/contract/client.ts';
import type { Snapshot, SnapshotSchedule, SnapshotTree } from '../../../engine/contract/snapshot.ts';
import { duration } from '../../../engine/notation/quantity.ts';
import { exactly, misused, parse, whole } from '../args.ts';
import { isSure } from '../ask.ts';
import { withEngine } from '../engine.ts';
import { bytes, plain, printJson, printTable } from '../print.ts';
import { withProgress } from '../progress.ts';
import { chooseVerb } from '../verb-table.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const flag = { type: 'boolean' } as const;
const force = { ...flag, short: 'f' } as const;

export const run = chooseVerb('snapshot', { ls: list, take, restore, rm: remove, branch, rename, schedule });

async function list(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { json: flag });
  const [guest] = exactly(names, 1, 'snapshot ls', 'the name of a guest') as [string];
  const tree = await withEngine((client) => client.call('snapshots.list', { guest }));
  if (values.json) return printJson(tree) as undefined;
  printTable(
    ['SNAPSHOT', 'ID', 'TAKEN', 'STATE', 'SIZE', 'ABOUT'],
    rows(tree, null, 0).map(([depth, one]) => [
      `${'  '.repeat(depth)}${plain(one.name)}${one.id === tree.current ? ' *' : ''}`,
      one.id,
      new Date(one.at).toISOString().slice(0, 16).replace('T', ' '),
      one.memory ? `${one.state}, memory` : one.state,
      bytes(one.bytes),
      plain(one.description.split('\n')[0] as string),
    ]),
  );
  if (tree.snapshots.length > 0) process.stdout.write(`\nWritten since *: ${bytes(tree.sinceBytes)}.\n`);
  return undefined;
}

/** As a tree: each with how deep it is, children after their parent. */
function rows(tree: SnapshotTree, parent: string | null, depth: number): [number, Snapshot][] {
  return tree.snapshots
    .filter((one) => one.parent === parent)
    .flatMap((one) => [[depth, one] as [number, Snapshot], ...rows(tree, one.id, depth + 1)]);
}

async function take(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { memory: flag, message: { type: 'string', short: 'm' } as const, json: flag });
  const [guest, name, extra] = names;
  if (guest === undefined || extra !== undefined)
    throw misused('`snapshot take` needs a guest, and may have a name for the snapshot.');
  const made = await withEngine((client) =>
    withProgress(client, 'snapshot', null, () =>
      client.call('snapshots.take', {
        guest,
        ...(name === undefined ? {} : { name }),
        ...(values.message === undefined ? {} : { description: values.message }),
        ...(values.memory ? { memory: true } : {}),
      }),
    ),
  );
  if (values.json) return printJson(made) as undefined;
  process.stdout.write(`${made.name}\n`);
  if (made.leftOut.length > 0) process.stderr.write(`Not part of it: ${made.leftOut.map(plain).join(', ')}.\n`);
  return undefined;
}

async function restore(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { force, 'no-memory': flag, start: flag });
  const [guest, snapshot] = exactly(names, 2, 'snapshot restore', 'a guest and one of its snapshots') as [
    string,
    string,
  ];
  await withEngine(async (client) => {
    if (!values.force && !(await isSure(await whatIsLost(client, guest, snapshot)))) return;
    const { name } = await withProgress(client, 'restore', null, () =>
      client.call('snapshots.restore', {
        guest,
        snapshot,
        ...(values['no-memory'] ? { memory: false } : {}),
        ...(values.start ? { start: true } : {}),
      }),
    );
    process.stdout.write(`${name}\n`);
  });
  return undefined;
}

async function whatIsLost(client: Client, guest: string, snapshot: string): Promise<string> {
  const [tree, { state }] = await Promise.all([
    client.call('snapshots.list', { guest }),
    client.call('guests.inspect', { guest }),
  ]);
  const base = tree.snapshots.find(({ id }) => id === tree.current);
  const since = base === undefined ? 'since it was made' : `since ${plain(base.name)} was taken`;
  const ends = state === 'running' || state === 'paused' ? ' It runs, and is ended.' : '';
  return `Make ${plain(guest)} what it was in ${plain(snapshot)}? What it wrote ${since} (${bytes(tree.sinceBytes)}) is lost.${ends}`;
}

async function remove(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { force });
  const [guest, ...snapshots] = names;
  if (guest === undefined || snapshots.length === 0)
    throw misused('`snapshot rm` needs a guest and some of its snapshots.');
  await withEngine(async (client) => {
    const question = `Remove ${snapshots.map(plain).join(', ')} of ${plain(guest)}? It cannot become that again.`;
    if (!values.force && !(await isSure(question))) return;
    for (const snapshot of snapshots) {
      const { beforeBytes, afterBytes } = await withProgress(client, 'remove-snapshot', null, () =>
        client.call('snapshots.remove', { guest, snapshot }),
      );
      process.stdout.write(`${plain(snapshot)}: ${bytes(beforeBytes)} before, ${bytes(afterBytes)} now.\n`);
    }
  });
  return undefined;
}

async function branch(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, {});
  const [guest, snapshot, name] = exactly(
    names,
    3,
    'snapshot branch',
    'a guest, one of its snapshots and the name of the new guest',
  ) as [string, string, string];
  const made = await withEngine((client) =>
    withProgress(client, 'branch', null, () => client.call('snapshots.branch', { guest, snapshot, name })),
  );
  process.stdout.write(`${made.name}\n`);
  return undefined;
}

async function rename(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, {});
  const [guest, snapshot, name] = exactly(names, 3, 'snapshot rename', 'a guest, one of its snapshots and a name') as [
    string,
    string,
    string,
  ];
  const made = await withEngine((client) => client.call('snapshots.change', { guest, snapshot, name }));
  process.stdout.write(`${made.name}\n`);
  return undefined;
}

async function schedule(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    every: { type: 'string' } as const,
    keep: { type: 'string' } as const,
    memory: flag,
    off: flag,
  });
  const [guest] = exactly(names, 1, 'snapshot schedule', 'the name of a guest') as [string];
  const wish = values.off ? null : wished(values);
  const tree = await withEngine((client) =>
    wish === undefined
      ? client.call('snapshots.list', { guest })
      : client.call('snapshots.schedule', { guest, schedule: wish }),
  );
  process.stdout.write(`${sentence(tree.schedule)}\n`);
  return undefined;
}

/** undefined: nothing is asked for, so what there is is shown. */
function wished(values: { every?: string | undefined; keep?: string | undefined; memory?: boolean | undefined }) {
  if (values.every === undefined) {
    if (values.keep === undefined && !values.memory) return undefined;
    throw misused('`snapshot schedule` needs --every.', 'Write e.g. --every 1d --keep 7.');
  }
  const days = /^(\d{1,3})d$/.exec(values.every)?.[1];
  const everyMs = days === undefined ? duration(values.every, '--every') : Number(days) * DAY_MS;
  if (everyMs < MINUTE_MS) throw misused('--every needs a minute at least.');
  return { everyMs, keep: whole(values.keep ?? '7', '--keep', 1), memory: values.memory ?? false };
}

function sentence(schedule: SnapshotSchedule | null): string {
  if (schedule === null) return 'No snapshots are taken by themselves.';
  const { everyMs, keep, memory } = schedule;
  const whole = (
    [
      ['d', DAY_MS],
      ['h', HOUR_MS],
    ] as const
  ).find(([, ms]) => everyMs % ms === 0);
  const rhythm = whole ? `${everyMs / whole[1]} ${whole[0]}` : `${Math.round(everyMs / MINUTE_MS)} min`;
  return `One every ${rhythm}${memory ? ', with memory' : ''}; the last ${keep} are kept.`;
}
