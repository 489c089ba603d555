/** `guesthouse network ls|create|rm|inspect|prune`. */
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import type { NetworkDraft } from '../../../engine/contract/network.ts';
import { exactly, misused, parse } from '../args.ts';
import { forEachName, unlessAbsent } from '../each.ts';
import { withEngine } from '../engine.ts';
import { pairs } from '../options/environment.ts';
import { printJson, printTable } from '../print.ts';
import { chooseVerb } from '../verb-table.ts';
import { prune } from './prune.ts';

export const run = chooseVerb('network', {
  ls: list,
  create,
  rm: remove,
  inspect,
  prune: (args) => prune('network', args),
});

async function list(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, { json: { type: 'boolean' }, quiet: { type: 'boolean', short: 'q' } });
  const networks = await withEngine((client) => client.call('networks.list', {}));
  if (values.json) return printJson(networks) as undefined;
  if (values.quiet) {
    for (const { id } of networks) process.stdout.write(`${id}\n`);
    return undefined;
  }
  printTable(
    ['ID', 'NAME', 'MODE', 'IPV4', 'IPV6', 'USED BY'],
    networks.map(({ id, name, mode, outside, subnet4, subnet6, usedBy }) => [
      id,
      name,
      outside ? `${mode} (${outside.bridge})` : mode,
      subnet4,
      subnet6 ?? '-',
      usedBy.join(', ') || '-',
    ]),
  );
  return undefined;
}

async function create(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    isolated: { type: 'boolean' },
    internal: { type: 'boolean' },
    subnet: { type: 'string' },
    bridge: { type: 'string' },
    'ip-range': { type: 'string' },
    gateway: { type: 'string' },
    label: { type: 'string', short: 'l', multiple: true },
    json: { type: 'boolean' },
  });
  const [name] = exactly(names, 1, 'network create', 'one name');
  const draft = {
    name: name as string,
    ...(values.isolated || values.internal ? { mode: 'isolated' as const } : {}),
    ...onBridge(values.bridge, values['ip-range'], values.gateway),
    ...(values.subnet === undefined ? {} : { subnet4: values.subnet }),
    ...(values.label === undefined ? {} : { labels: pairs(values.label, '--label') }),
  };
  const network = await withEngine((client) => client.call('networks.create', { draft }));
  if (values.json) printJson(network);
  else process.stdout.write(`${network.name}\n`);
  return undefined;
}

function onBridge(bridge: string | undefined, range4 = '', router4?: string): Partial<NetworkDraft> {
  if (bridge !== undefined) return { mode: 'bridged', outside: { bridge, range4, ...(router4 ? { router4 } : {}) } };
  if (range4 === '' && router4 === undefined) return {};
  throw misused('--ip-range and --gateway are for a network on a bridge of the host.', 'Add --bridge NAME.');
}

async function remove(args: readonly string[]): Promise<number> {
  // As with docker: no failure where there is none of that name; what is in use stays all the same.
  const { values, names } = parse(args, { force: { type: 'boolean', short: 'f' } });
  if (names.length === 0) throw misused('`network rm` needs the name of a network.', 'See `guesthouse network ls`.');
  return withEngine((client) =>
    forEachName(names, (network) => unlessAbsent(values.force, client.call('networks.remove', { network }))),
  );
}

async function inspect(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, { json: { type: 'boolean' } });
  const [name] = exactly(names, 1, 'network inspect', 'one name');
  const found = (await withEngine((client) => client.call('networks.list', {}))).find(
    (network) => network.id === name || network.name === name,
  );
  if (!found)
    throw new GuesthouseError({
      code: 'not-found',
      message: `There is no network ${JSON.stringify(name)}.`,
      subject: name as string,
      hint: 'See `guesthouse network ls`.',
    });
  printJson(found);
  return undefined;
}
