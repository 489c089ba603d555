/** `guesthouse trash ls|restore|empty|keep`: removed guests, which can be had back for a while. */
import { exactly, parse, whole } from '../args.ts';
import { isSure } from '../ask.ts';
import { withEngine } from '../engine.ts';
import { plain, printJson, printTable } from '../print.ts';
import { chooseVerb } from '../verb-table.ts';

export const run = chooseVerb('trash', { ls: list, restore, empty, keep });

async function list(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, { json: { type: 'boolean' }, quiet: { type: 'boolean', short: 'q' } });
  const trash = await withEngine((client) => client.call('trash.list', {}));
  if (values.json) return printJson(trash) as undefined;
  if (values.quiet) {
    for (const { name } of trash.guests) process.stdout.write(`${name}\n`);
    return undefined;
  }
  printTable(
    ['NAME', 'ID', 'ISOLATION', 'IMAGE', 'REMOVED', 'KEPT UNTIL'],
    trash.guests.map(({ name, id, isolation, image, removedAt, keptUntil }) => [
      name,
      id,
      isolation,
      image === null ? '-' : plain(image),
      new Date(removedAt).toISOString(),
      new Date(keptUntil).toISOString(),
    ]),
  );
  return undefined;
}

async function restore(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { name: { type: 'string' } });
  const [ref] = exactly(names, 1, 'trash restore', 'one name or id');
  const name = values.name === undefined ? {} : { name: values.name };
  const guest = await withEngine((client) => client.call('trash.restore', { guest: ref as string, ...name }));
  process.stdout.write(`${guest.name}\n`);
  for (const note of guest.notes) process.stderr.write(`${plain(note)}\n`);
  return undefined;
}

async function empty(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { force: { type: 'boolean', short: 'f' } });
  const removed = await withEngine(async (client) => {
    const { guests } = await client.call('trash.list', {});
    const going = names.length > 0 ? names : guests.map(({ name }) => name);
    if (going.length === 0) return [];
    const isWanted = values.force || (await isSure(`Remove ${going.map(plain).join(', ')} for good?`));
    if (!isWanted) return [];
    return (await client.call('trash.empty', names.length > 0 ? { guests: names } : {})).removed;
  });
  for (const name of removed) process.stdout.write(`${plain(name)}\n`);
  return undefined;
}

async function keep(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, {});
  const [word] = exactly(names, 1, 'trash keep', 'a number of days; 0: what is removed is gone at once');
  await withEngine((client) => client.call('trash.keep', { days: whole(word as string, 'DAYS') }));
  return undefined;
}
