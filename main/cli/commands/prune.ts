/** `image prune`, `volume prune`, `network prune`, and `prune` of all: says what would go, asks, and takes it away. */
import type { Client } from '../../../engine/contract/client.ts';
import type { Pruned } from '../../../engine/contract/image.ts';
import { exactly, parse } from '../args.ts';
import { isSure } from '../ask.ts';
import type { CommandModule } from '../commands.ts';
import { withEngine } from '../engine.ts';
import { bytes, plain, printJson } from '../print.ts';

type Prunable = 'image' | 'volume' | 'network';

/** Named images and volumes are somebody's: without `-a` they stay. Networks have no other kind. */
const KEEPS_NAMED: readonly Prunable[] = ['image', 'volume'];

const OPTIONS = {
  all: { type: 'boolean', short: 'a' },
  force: { type: 'boolean', short: 'f' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;
const LEFT_OPTION = { left: { type: 'boolean' } } as const;

interface Wishes {
  readonly 'dry-run'?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export async function prune(what: Prunable, args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { ...OPTIONS, ...(what === 'image' ? LEFT_OPTION : {}) });
  if (what === 'image' && values.left) return pruneLeft(values);
  exactly(names, 0, `${what} prune`, 'no names: it takes away whatever no guest uses');
  const keepNamed = KEEPS_NAMED.includes(what) && !values.all;
  const { pruned, more } = await withEngine(async (client) => {
    const pruned = await decided((dryRun) => act(client, what, dryRun, !values.all), what, values);
    return { pruned, more: keepNamed && pruned.removed.length === 0 ? await unusedNamed(client, what) : 0 };
  });
  if (values.json) return printJson(pruned) as undefined;
  const nothing = more > 0 ? `Nothing without a name. -a takes also ${more} that no guest uses.` : 'Nothing to remove.';
  tell(pruned, values['dry-run'] ?? false, nothing);
  return undefined;
}

/** `image prune --left`: no image, but whatever only saves time. */
async function pruneLeft(values: Wishes): Promise<undefined> {
  const pruned = await withEngine((client) =>
    decided((dryRun) => client.call('images.prune', { dryRun, left: true }), 'leftover', values),
  );
  if (values.json) return printJson(pruned) as undefined;
  tell(pruned, values['dry-run'] ?? false, 'Nothing to remove.');
  return undefined;
}

/** `prune`: of everything but guests, whose data is nobody's to guess about. Volumes only when asked for. */
export const everything: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, { ...OPTIONS, volumes: { type: 'boolean' } });
    exactly(names, 0, 'prune', 'no names: it takes away whatever no guest uses');
    const kinds: readonly Prunable[] = ['image', 'network', ...(values.volumes ? (['volume'] as const) : [])];
    const pruned = await withEngine(async (client) => {
      const all = async (dryRun: boolean): Promise<Pruned> => {
        const each: Pruned[] = [];
        for (const what of kinds) {
          const { removed, freedBytes } = await act(client, what, dryRun, !values.all);
          each.push({ removed: removed.map((name) => `${what} ${name}`), freedBytes });
        }
        return {
          removed: each.flatMap(({ removed }) => removed),
          freedBytes: each.reduce((sum, { freedBytes }) => sum + freedBytes, 0),
        };
      };
      return decided(all, 'thing', values);
    });
    if (values.json) return printJson(pruned) as undefined;
    tell(pruned, values['dry-run'] ?? false, 'Nothing to remove.');
    return undefined;
  },
};

function act(client: Client, what: Prunable, dryRun: boolean, keepNamed: boolean): Promise<Pruned> {
  const keep = keepNamed && KEEPS_NAMED.includes(what);
  return client.call(`${what}s.prune` as 'images.prune', { dryRun, ...(keep ? { keepNamed: true } : {}) });
}

function tell(pruned: Pruned, dryRun: boolean, nothing: string): void {
  for (const name of pruned.removed) process.stdout.write(`${plain(name)}\n`);
  const verb = dryRun ? 'would be freed' : 'freed';
  process.stderr.write(pruned.removed.length === 0 ? `${nothing}\n` : `${bytes(pruned.freedBytes)} ${verb}.\n`);
}

async function decided(act: (dryRun: boolean) => Promise<Pruned>, what: string, values: Wishes): Promise<Pruned> {
  if (values['dry-run'] || values.force) return act(values['dry-run'] ?? false);
  const would = await act(true);
  if (would.removed.length === 0) return would;
  process.stderr.write(`${would.removed.map((name) => `  ${plain(name)}\n`).join('')}`);
  const amount = would.freedBytes > 0 ? ` and free ${bytes(would.freedBytes)}` : '';
  const isWanted = await isSure(
    `Remove ${would.removed.length} ${what}${would.removed.length === 1 ? '' : 's'}${amount}?`,
  );
  return isWanted ? act(false) : { removed: [], freedBytes: 0 };
}

async function unusedNamed(client: Client, what: Prunable): Promise<number> {
  const all = await client.call(`${what}s.list` as 'images.list', {});
  return all.filter(({ usedBy }) => usedBy.length === 0).length;
}
