/** The image a guest is made from: from the store, or fetched when it is not there, its progress on stderr. */
import { ensureImage as ensure, type PullPolicy } from '../../engine/compose/ensure-image.ts';
import type { Client } from '../../engine/contract/client.ts';
import type { Image } from '../../engine/contract/image.ts';
import { misused, quoted } from './args.ts';
import { fetchListed } from './from-catalogue.ts';
import { withProgress } from './progress.ts';

export type { PullPolicy } from '../../engine/compose/ensure-image.ts';

export function pullPolicy(text: string | undefined): PullPolicy {
  if (text === undefined) return 'missing';
  if (text === 'missing' || text === 'always' || text === 'never') return text;
  throw misused(`--pull has no ${quoted(text)}.`, 'There are missing, always and never.');
}

/** Of a registry, with its progress on stderr. Our own `GUESTHOUSE_REGISTRY` counts, whoever owns the engine. */
export function pullImage(client: Client, reference: string, { insecure }: { insecure: boolean }): Promise<Image> {
  const registry = process.env.GUESTHOUSE_REGISTRY;
  return withProgress(client, 'pull-image', reference, () =>
    client.call('images.pull', {
      reference,
      ...(insecure ? { insecure } : {}),
      ...(registry ? { registry } : {}),
    }),
  );
}

/** Answers the name to make guests from. Throws what the pull throws. */
export const ensureImage = (
  client: Client,
  reference: string,
  { pull, insecure = false }: { pull: PullPolicy; insecure?: boolean },
): Promise<string> =>
  ensure(
    {
      list: () => client.call('images.list', {}),
      catalogue: async () => (await client.call('images.catalogue', {})).entries,
      fetch: (name) => fetchListed(client, name),
      pull: (name) => pullImage(client, name, { insecure }),
    },
    reference,
    pull,
  );
