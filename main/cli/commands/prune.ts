/** `image prune`, `volume prune`, `network prune`: says what would go, asks, and takes it away. */
import type { Pruned } from '../../../engine/contract/image.ts';
import { exactly, parse } from '../args.ts';
import { isSure } from '../ask.ts';
import { withEngine } from '../engine.ts';
import { bytes, plain, printJson } from '../print.ts';

export async function prune(what: 'image' | 'volume' | 'network', args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    force: { type: 'boolean', short: 'f' },
    'dry-run': { type: 'boolean' },
    json: { type: 'boolean' },
  });
  exactly(names, 0, `${what} prune`, 'no names: it takes away whatever no guest uses');
  const pruned = await withEngine(async (client): Promise<Pruned> => {
    const act = (dryRun: boolean) => client.call(`${what}s.prune` as 'images.prune', { dryRun });
    if (values['dry-run'] || values.force) return act(values['dry-run'] ?? false);
    const would = await act(true);
    if (would.removed.length === 0) return would;
    process.stderr.write(`${would.removed.map((name) => `  ${plain(name)}\n`).join('')}`);
    const amount = would.freedBytes > 0 ? ` and free ${bytes(would.freedBytes)}` : '';
    return (await isSure(`Remove ${would.removed.length} ${what}${would.removed.length === 1 ? '' : 's'}${amount}?`))
      ? act(false)
      : { removed: [], freedBytes: 0 };
  });
  if (values.json) return printJson(pruned) as undefined;
  for (const name of pruned.removed) process.stdout.write(`${plain(name)}\n`);
  const verb = values['dry-run'] ? 'would be freed' : 'freed';
  process.stderr.write(pruned.removed.length === 0 ? 'Nothing to remove.\n' : `${bytes(pruned.freedBytes)} ${verb}.\n`);
  return undefined;
}
