/** `guesthouse template ls|save|inspect|rm`. */
import { type Client, GuesthouseError, type Template } from '../../../engine/contract/index.ts';
import { exactly, misused, parse } from '../args.ts';
import { forEachName } from '../each.ts';
import { withEngine } from '../engine.ts';
import { printJson, printTable } from '../print.ts';
import { chooseVerb } from '../verb-table.ts';

export const run = chooseVerb('template', { ls: list, save, inspect, rm: remove });

/** Throws `not-found` naming those there are. */
export async function findTemplate(client: Client, name: string): Promise<Template> {
  const templates = await client.call('templates.list', {});
  const found = templates.find((template) => template.name === name);
  if (found) return found;
  throw new GuesthouseError({
    code: 'not-found',
    message: `There is no template ${JSON.stringify(name)}.`,
    subject: 'template',
    hint:
      templates.length === 0
        ? 'Save one with `guesthouse template save GUEST NAME`.'
        : `There are: ${templates.map((template) => template.name).join(', ')}.`,
  });
}

async function list(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, { json: { type: 'boolean' }, quiet: { type: 'boolean', short: 'q' } });
  const templates = await withEngine((client) => client.call('templates.list', {}));
  if (values.json) return printJson(templates) as undefined;
  if (values.quiet) {
    for (const { name } of templates) process.stdout.write(`${name}\n`);
    return undefined;
  }
  printTable(
    ['NAME', 'ISOLATION', 'IMAGE', 'CPUS', 'MEMORY', 'SAVED'],
    templates.map(({ name, createdAt, spec }) => [
      name,
      spec.isolation,
      spec.image ?? spec.iso ?? '-',
      String(spec.cpus),
      `${spec.memoryMib} MiB`,
      new Date(createdAt).toISOString(),
    ]),
  );
  return undefined;
}

async function save(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { replace: { type: 'boolean' }, json: { type: 'boolean' } });
  const [guest, name] = exactly(names, 2, 'template save', 'a guest and a name') as [string, string];
  const template = await withEngine((client) =>
    client.call('templates.save', { guest, name, ...(values.replace ? { replace: true } : {}) }),
  );
  if (values.json) printJson(template);
  else process.stdout.write(`${template.name}\n`);
  return undefined;
}

async function inspect(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, { json: { type: 'boolean' } });
  const [name] = exactly(names, 1, 'template inspect', 'one name') as [string];
  printJson(await withEngine((client) => findTemplate(client, name)));
  return undefined;
}

async function remove(args: readonly string[]): Promise<number> {
  const { names } = parse(args, {});
  if (names.length === 0) throw misused('`template rm` needs the name of a template.', 'See `guesthouse template ls`.');
  return withEngine((client) => forEachName(names, (name) => client.call('templates.remove', { name })));
}
