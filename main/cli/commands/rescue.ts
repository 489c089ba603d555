/** `guesthouse rescue NAME`, and its verbs: the disks of a machine that does not run. */
import type { Client } from '../../../engine/contract/client.ts';
import type { GuestFile } from '../../../engine/contract/files.ts';
import type { RescueFileSystem } from '../../../engine/contract/rescue.ts';
import { exactly, misused, oneName, parse, whole } from '../args.ts';
import { openOut } from '../copy/transfer.ts';
import { LEAVE_KEYS } from '../detach-keys.ts';
import { type EngineClient, withEngine } from '../engine.ts';
import { readText } from '../options/environment.ts';
import { bytes, plain, printJson, printTable } from '../print.ts';
import { withProgress } from '../progress.ts';
import { knownSecret, newSecret, secretFrom } from '../secret.ts';
import { showSession } from '../session.ts';
import { toStdout } from '../stream.ts';
import { chooseVerb } from '../verb-table.ts';
import { between, copyBetween } from './cp.ts';

const flag = { type: 'boolean' } as const;
const text = { type: 'string' } as const;
const HOW = { write: flag, root: text } as const;
const DEFAULT_LINES = 200;

const VERBS = { shell, ls: list, cat, cp: copy, logs, users, passwd, 'add-key': addKey, open, unlock, close };
const choose = chooseVerb('rescue', VERBS);

export const run = (args: readonly string[]): Promise<number | undefined> =>
  args[0] !== undefined && Object.hasOwn(VERBS, args[0]) ? choose(args) : shell(args);

interface How {
  readonly write?: boolean | undefined;
  readonly root?: string | undefined;
}

/** Opens the disks for the length of `act`, unless somebody has them open already. */
async function within<T>(guest: string, how: How, act: (client: EngineClient) => Promise<T>, long = false): Promise<T> {
  return withEngine(
    async (client) => {
      const { rescue } = await client.call('guests.inspect', { guest });
      if (rescue && how.root === undefined) return act(client);
      await opening(client, guest, how);
      try {
        return await act(client);
      } finally {
        await client.call('rescue.close', { guest });
      }
    },
    { long },
  );
}

function opening(client: Client, guest: string, { write, root }: How) {
  const request = { guest, ...(write ? { write } : {}), ...(root === undefined ? {} : { root }) };
  return withProgress(client, 'open-disk', null, () => client.call('rescue.open', request));
}

async function shell(args: readonly string[]): Promise<number> {
  const { values, names } = parse(args, HOW);
  const guest = oneName(names, 'rescue');
  const act = async (client: EngineClient) => {
    const { columns, rows } = process.stdout;
    const size = { ...(columns ? { columns } : {}), ...(rows ? { rows } : {}) };
    const session = await client.call('rescue.shell', { guest, ...size });
    const leave = () => void client.call('consoles.close', { session: session.id }).catch(() => {});
    process.on('SIGINT', leave);
    process.on('SIGTERM', leave);
    try {
      await showSession(client, { console: { session: session.id }, input: true, leaveKeys: LEAVE_KEYS });
    } finally {
      process.off('SIGINT', leave);
      process.off('SIGTERM', leave);
      leave();
    }
    return 0;
  };
  return within(guest, values, act, true);
}

async function open(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { ...HOW, json: flag });
  const guest = oneName(names, 'rescue open');
  const found = await withEngine((client) => opening(client, guest, values));
  if (values.json) printJson(found);
  else printFileSystems(found.fileSystems, found.root);
  return undefined;
}

/** The passphrase is typed, or comes from a file: never on the command line. */
async function unlock(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { 'passphrase-file': text, json: flag });
  const [guest, device] = exactly(names, 2, 'rescue unlock', 'a guest and an encrypted device of it') as [
    string,
    string,
  ];
  const file = values['passphrase-file'];
  const option = '--passphrase-file';
  const passphrase =
    file === undefined ? await knownSecret(`Passphrase of ${device}`, option) : secretFrom(file, option);
  if (passphrase === '') throw misused('The passphrase is empty.', 'Give one with at least one character.');
  const found = await withEngine((client) =>
    withProgress(client, 'open-disk', null, () => client.call('rescue.unlock', { guest, device, passphrase })),
  );
  if (values.json) printJson(found);
  else printFileSystems(found.fileSystems, found.root);
  return undefined;
}

async function close(args: readonly string[]): Promise<undefined> {
  const guest = oneName(parse(args, {}).names, 'rescue close');
  await withEngine((client) => client.call('rescue.close', { guest }));
  return undefined;
}

async function list(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { root: text, json: flag });
  const { guest, rest: path } = guestAnd(names, 'rescue ls', 'a path in it');
  await within(guest, values, async (client) => {
    if (path === undefined) {
      const { rescue } = await client.call('guests.inspect', { guest });
      if (!rescue) return;
      if (values.json) printJson(rescue.fileSystems);
      else printFileSystems(rescue.fileSystems, rescue.root);
      return;
    }
    const folder = await client.call('files.list', { guest, path });
    if (values.json) return printJson(folder);
    for (const file of folder.entries) process.stdout.write(`${line(file)}\n`);
    if (folder.truncated) process.stderr.write('There are more.\n');
  });
  return undefined;
}

function printFileSystems(all: readonly RescueFileSystem[], root: string | null): void {
  printTable(
    ['DEVICE', 'DISK', 'SIZE', 'TYPE', 'LABEL', 'HOLDS'],
    all.map(({ device, disk, sizeBytes, type, label, system, note }) => [
      device === root ? `${device} /` : device,
      disk,
      bytes(sizeBytes),
      type ?? '-',
      label ?? '-',
      system ?? note ?? '-',
    ]),
  );
}

const LETTERS: Readonly<Record<GuestFile['kind'], string>> = {
  ...{ file: '-', folder: 'd', link: 'l', device: 'b', socket: 's', pipe: 'p' },
};

function line({ kind, mode, uid, gid, sizeBytes, modifiedAt, name, linkTarget }: GuestFile): string {
  const rights = [6, 3, 0].map((shift) => ['r', 'w', 'x'].map((on, at) => ((mode >> shift) & (4 >> at) ? on : '-')));
  const when = new Date(modifiedAt).toISOString().slice(0, 16).replace('T', ' ');
  const target = linkTarget === null ? '' : ` -> ${linkTarget}`;
  const owner = `${uid}:${gid}`.padEnd(11);
  const size = String(sizeBytes).padStart(11);
  return `${LETTERS[kind]}${rights.flat().join('')} ${owner} ${size} ${when} ${plain(name + target).replaceAll('\n', '?')}`;
}

async function cat(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { root: text });
  const [guest, path] = exactly(names, 2, 'rescue cat', 'a guest and a path in it') as [string, string];
  await within(guest, values, async (client) => {
    const { source } = await openOut(client, guest, path, true);
    const output = toStdout();
    for await (const piece of source) await new Promise<void>((done) => output.write(piece, done));
    await output.flushed();
  });
  return undefined;
}

async function copy(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { root: text, 'keep-links': flag });
  const places = between(exactly(names, 2, 'rescue cp', 'a source and a destination') as [string, string]);
  const [from, to] = places;
  const guest = from.kind === 'guest' ? from.guest : to.kind === 'guest' ? to.guest : '';
  const how = { root: values.root, write: to.kind === 'guest' };
  await within(guest, how, (client) => copyBetween(client, places, values['keep-links'] ?? false));
  return undefined;
}

async function users(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { root: text, json: flag });
  const guest = oneName(names, 'rescue users');
  const found = await within(guest, values, (client) => client.call('rescue.users', { guest }));
  if (values.json) return printJson(found) as undefined;
  printTable(
    ['NAME', 'ID', 'HOME', 'PASSWORD'],
    found.map(({ name, uid, home, password }) => [name, String(uid), home, password]),
  );
  return undefined;
}

async function passwd(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { root: text, 'password-file': text });
  const [guest, user] = exactly(names, 2, 'rescue passwd', 'a guest and a user of its system') as [string, string];
  const file = values['password-file'];
  // Before a machine is started for it.
  const option = '--password-file';
  const password = file === undefined ? await newSecret(`Password of ${user}`, option) : secretFrom(file, option);
  if (password === '') throw misused('The password is empty.', 'Give one with at least one character.');
  const how = { root: values.root, write: true };
  await within(guest, how, (client) => client.call('rescue.setPassword', { guest, user, password }));
  return undefined;
}

async function addKey(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { root: text });
  const words = exactly(names, 3, 'rescue add-key', 'a guest, a user of its system and a file with a public key');
  const [guest, user, file] = words as [string, string, string];
  const key = readText(file, 'rescue add-key');
  const how = { root: values.root, write: true };
  await within(guest, how, (client) => client.call('rescue.addKey', { guest, user, key }));
  return undefined;
}

async function logs(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { root: text, lines: { type: 'string', short: 'n' }, json: flag });
  const { guest, rest: name } = guestAnd(names, 'rescue logs', 'one of its logs');
  const lines = values.lines === undefined ? DEFAULT_LINES : whole(values.lines, '--lines', 1);
  await within(guest, values, async (client) => {
    if (name !== undefined) {
      const found = await client.call('rescue.log', { guest, name, lines });
      process.stdout.write(found.text.split('\n').map(plain).join('\n'));
      return;
    }
    const found = await client.call('rescue.logs', { guest });
    if (values.json) return printJson(found);
    printTable(
      ['LOG', 'SIZE', 'CHANGED'],
      found.map((log) => [log.name, bytes(log.sizeBytes), new Date(log.modifiedAt).toISOString().slice(0, 19)]),
    );
  });
  return undefined;
}

function guestAnd(
  names: readonly string[],
  command: string,
  what: string,
): { guest: string; rest: string | undefined } {
  const [guest, rest, extra] = names;
  if (guest === undefined || extra !== undefined)
    throw misused(`\`${command}\` needs a guest, and perhaps ${what}.`, 'See `guesthouse help rescue`.');
  return { guest, rest };
}
