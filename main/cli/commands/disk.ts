/** `guesthouse disk ls|add|rm|attach|detach|resize|set|insert|eject|compact|check`. */
import { resolve } from 'node:path';
import type { GuestChange } from '../../../engine/contract/api.ts';
import type { Client } from '../../../engine/contract/client.ts';
import {
  DISK_DEFAULTS,
  type DiskCache,
  type GuestDisk,
  type MachineDisk,
  ROOT_DISK,
} from '../../../engine/contract/disk.ts';
import type { GuestSpec } from '../../../engine/contract/guest.ts';
import { size } from '../../../engine/notation/quantity.ts';
import { exactly, misused, parse, quoted } from '../args.ts';
import { isSure } from '../ask.ts';
import { withEngine } from '../engine.ts';
import { ioLimits } from '../options/io-limits.ts';
import { bytes, plain, printJson, printTable } from '../print.ts';
import { withProgress } from '../progress.ts';
import { chooseVerb } from '../verb-table.ts';

const GIB = 1024 ** 3;
const CACHES: readonly DiskCache[] = ['writeback', 'none', 'writethrough', 'unsafe'];
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const HOW = {
  cache: text,
  discard: flag,
  'no-discard': flag,
  'device-read-bps': text,
  'device-write-bps': text,
  'device-read-iops': text,
  'device-write-iops': text,
} as const;
const FORCE = { force: { ...flag, short: 'f' } } as const;

export const run = chooseVerb('disk', {
  ls: list,
  add,
  rm: remove,
  attach: (args) => plug('attach', args),
  detach: (args) => plug('detach', args),
  resize,
  set,
  insert,
  eject,
  compact,
  check,
});

async function list(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { json: flag });
  const [guest] = exactly(names, 1, 'disk ls', 'the name of a guest') as [string];
  const disks = await withEngine((client) => client.call('disks.list', { guest }));
  if (values.json) return printJson(disks) as undefined;
  const amount = (count: number | null) => (count === null ? '-' : bytes(count));
  printTable(
    ['NAME', 'SIZE', 'ON HOST', 'FORMAT', 'FROM', 'STATE'],
    disks.map((disk) => [
      disk.name,
      amount(disk.sizeBytes),
      amount(disk.usedBytes),
      disk.format,
      plain(disk.from ?? '-'),
      stateOf(disk),
    ]),
  );
  return undefined;
}

function stateOf({ kind, attached, readOnly }: GuestDisk): string {
  const words = [attached ? 'attached' : 'detached', ...(readOnly ? ['read-only'] : [])];
  return [...words, ...(kind === 'host' ? ["the host's own"] : [])].join(', ');
}

async function add(args: readonly string[]): Promise<undefined> {
  const options = { ...HOW, ...FORCE, size: text, image: text, host: text, raw: flag, 'read-only': flag };
  const { values, names } = parse(args, options);
  const [guest, name] = exactly(names, 2, 'disk add', 'a guest and a name for the disk') as [string, string];
  if (values.image !== undefined && values.host !== undefined)
    throw misused('`disk add` takes --image or --host, not both.');
  const isHost = values.host !== undefined;
  const disk: MachineDisk = {
    ...DISK_DEFAULTS,
    name,
    from: values.host ?? values.image ?? null,
    format: isHost || values.raw ? 'raw' : 'qcow2',
    sizeGib: values.size === undefined ? null : gibibytes(values.size, '--size'),
    readOnly: values['read-only'] ?? false,
    ...how(values),
    io: ioLimits(values, null),
  };
  if (isHost && !values.force && !disk.readOnly) {
    const warning = `The guest will write to ${plain(values.host as string)} itself, with everything on it. Give it away?`;
    if (!(await isSure(warning))) return undefined;
  }
  await change(guest, 'update', ({ disks }) => ({ disks: [...disks, disk] }));
  return undefined;
}

async function remove(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, FORCE);
  const [guest, name] = exactly(names, 2, 'disk rm', 'a guest and one of its disks') as [string, string];
  await withEngine(async (client) => {
    const { spec } = await client.call('guests.inspect', { guest });
    const disk = find(spec, name);
    const isOurs = !disk.from?.startsWith('/');
    if (isOurs && !values.force && !(await isSure(`Remove the disk ${name} of ${spec.name} with everything on it?`)))
      return;
    await update(client, guest, { disks: spec.disks.filter((one) => one.name !== name) }, false);
  });
  return undefined;
}

async function plug(verb: 'attach' | 'detach', args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, {});
  const [guest, name] = exactly(names, 2, `disk ${verb}`, 'a guest and one of its disks') as [string, string];
  await change(guest, 'update', (spec) => one(spec, name, { attached: verb === 'attach' }));
  return undefined;
}

async function resize(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, {});
  const [guest, name, amount] = exactly(names, 3, 'disk resize', 'a guest, one of its disks and the new size') as [
    string,
    string,
    string,
  ];
  const gib = gibibytes(amount, 'SIZE');
  await change(guest, 'update', (spec) => (name === ROOT_DISK ? { diskGib: gib } : one(spec, name, { sizeGib: gib })));
  return undefined;
}

async function set(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { ...HOW, recreate: flag });
  const [guest, name] = exactly(names, 2, 'disk set', 'a guest and one of its disks') as [string, string];
  await change(guest, values.recreate ? 'recreate' : 'update', (spec) => {
    if (name === ROOT_DISK) {
      const io = ioLimits(values, spec.io);
      return { diskOptions: { ...spec.diskOptions, ...how(values) }, ...(io ? { io } : {}) };
    }
    const io = ioLimits(values, find(spec, name).io);
    return one(spec, name, { ...how(values), ...(io ? { io } : {}) });
  });
  return undefined;
}

async function insert(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, {});
  const [guest, medium] = exactly(names, 2, 'disk insert', 'a guest and an ISO file or image') as [string, string];
  // As with --iso: what looks like a path is one.
  const iso = /[/]|\.iso$/i.test(medium) ? resolve(medium) : medium;
  await change(guest, 'update', () => ({ iso }));
  return undefined;
}

async function eject(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, {});
  const [guest] = exactly(names, 1, 'disk eject', 'the name of a guest') as [string];
  await change(guest, 'update', () => ({ iso: '' }));
  return undefined;
}

async function compact(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { json: flag });
  const { guest, disk } = diskOf(names, 'disk compact');
  const done = await withEngine((client) =>
    withProgress(client, 'compact-disk', null, () => client.call('disks.compact', { guest, disk })),
  );
  if (values.json) return printJson(done) as undefined;
  const { beforeBytes, afterBytes } = done;
  process.stdout.write(`${bytes(beforeBytes)} before, ${bytes(afterBytes)} now.\n`);
  return undefined;
}

async function check(args: readonly string[]): Promise<number> {
  const { values, names } = parse(args, { json: flag, repair: flag });
  const { guest, disk } = diskOf(names, 'disk check');
  const repair = values.repair ?? false;
  const found = await withEngine((client) =>
    withProgress(client, 'check-disk', null, () => client.call('disks.check', { guest, disk, repair })),
  );
  if (values.json) printJson(found);
  else {
    const fixed = found.leaksFixed + found.corruptionsFixed;
    if (fixed > 0) process.stdout.write(`${fixed} mended.\n`);
    if (found.state === 'whole') process.stdout.write('The disk is whole.\n');
    if (found.leaks > 0) process.stdout.write(`${found.leaks} places are lost room; no data are concerned.\n`);
    if (found.corruptions > 0) process.stdout.write(`${found.corruptions} places are damaged. See --repair.\n`);
  }
  return found.state === 'damaged' ? 1 : 0;
}

function diskOf(names: readonly string[], command: string): { guest: string; disk: string } {
  const [guest, disk = ROOT_DISK, extra] = names;
  if (guest === undefined || extra !== undefined)
    throw misused(
      `\`${command}\` needs a guest, and one of its disks if it is not the first.`,
      'See `guesthouse disk ls`.',
    );
  return { guest, disk };
}

function how(values: {
  cache?: string | undefined;
  discard?: boolean | undefined;
  'no-discard'?: boolean | undefined;
}) {
  const { cache } = values;
  if (cache !== undefined && !CACHES.includes(cache as DiskCache))
    throw misused(`--cache has no mode ${quoted(cache)}.`, `There are: ${CACHES.join(', ')}.`);
  return {
    ...(cache === undefined ? {} : { cache: cache as DiskCache }),
    ...(values['no-discard'] ? { discard: false } : values.discard ? { discard: true } : {}),
  };
}

function gibibytes(amount: string, option: string): number {
  return size(amount, option, 'g') / GIB;
}

function find(spec: GuestSpec, name: string): MachineDisk {
  const disk = spec.disks.find((one) => one.name === name);
  if (disk) return disk;
  const names = spec.disks.map((one) => one.name).join(', ') || 'none';
  throw misused(`${spec.name} has no further disk named ${quoted(name)}.`, `There are: ${names}.`);
}

function one(spec: GuestSpec, name: string, fields: Partial<MachineDisk>): GuestChange {
  find(spec, name);
  return { disks: spec.disks.map((disk) => (disk.name === name ? { ...disk, ...fields } : disk)) };
}

async function change(
  guest: string,
  verb: 'update' | 'recreate',
  make: (spec: GuestSpec) => GuestChange,
): Promise<void> {
  await withEngine(async (client) => {
    const { spec } = await client.call('guests.inspect', { guest });
    await update(client, guest, make(spec), verb === 'recreate');
  });
}

async function update(client: Client, guest: string, fields: GuestChange, recreate: boolean): Promise<void> {
  const act = () => client.call('guests.update', { guest, change: fields, ...(recreate ? { recreate } : {}) });
  const { name } = await withProgress(client, recreate ? 'recreate' : 'update', null, act);
  process.stdout.write(`${name}\n`);
}
