/** `guesthouse volume ls|create|rm|inspect|prune`. */
import { exactly, misused, parse } from '../args.ts';
import { forEachName, unlessAbsent } from '../each.ts';
import { withEngine } from '../engine.ts';
import { pairs } from '../options/environment.ts';
import { bytes, printJson, printTable } from '../print.ts';
import { chooseVerb } from '../verb-table.ts';
import { prune } from './prune.ts';

export const run = chooseVerb('volume', {
  ls: list,
  create,
  rm: remove,
  inspect,
  prune: (args) => prune('volume', args),
});

async function list(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, { json: { type: 'boolean' }, quiet: { type: 'boolean', short: 'q' } });
  const volumes = await withEngine((client) => client.call('volumes.list', {}));
  if (values.json) return printJson(volumes) as undefined;
  if (values.quiet) {
    for (const { name } of volumes) process.stdout.write(`${name}\n`);
    return undefined;
  }
  printTable(
    ['NAME', 'SIZE', 'CREATED', 'USED BY'],
    volumes.map(({ name, sizeBytes, createdAt, usedBy }) => [
      name,
      sizeBytes === null ? '-' : bytes(sizeBytes),
      new Date(createdAt).toISOString(),
      usedBy.join(', ') || '-',
    ]),
  );
  return undefined;
}

async function create(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    label: { type: 'string', short: 'l', multiple: true },
    json: { type: 'boolean' },
  });
  const [name] = exactly(names, 1, 'volume create', 'one name');
  const labels = values.label === undefined ? {} : { labels: pairs(values.label, '--label') };
  const volume = await withEngine((client) => client.call('volumes.create', { name: name as string, ...labels }));
  if (values.json) printJson(volume);
  else process.stdout.write(`${volume.name}\n`);
  return undefined;
}

async function remove(args: readonly string[]): Promise<number> {
  // As with docker: no failure where there is none of that name; what is in use stays all the same.
  const { values, names } = parse(args, { force: { type: 'boolean', short: 'f' } });
  if (names.length === 0) throw misused('`volume rm` needs the name of a volume.', 'See `guesthouse volume ls`.');
  return withEngine((client) =>
    forEachName(names, (volume) => unlessAbsent(values.force, client.call('volumes.remove', { volume }))),
  );
}

async function inspect(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, { json: { type: 'boolean' } });
  const [volume] = exactly(names, 1, 'volume inspect', 'one name');
  printJson(await withEngine((client) => client.call('volumes.inspect', { volume: volume as string })));
  return undefined;
}
