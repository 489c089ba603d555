/** Images of the catalogue, fetched where a guest wants one that is not here. */
import { fetchIfListed as ifListed } from '../../engine/compose/ensure-image.ts';
import type { Client } from '../../engine/contract/client.ts';
import type { Image } from '../../engine/contract/image.ts';
import { withProgress } from './progress.ts';

export function fetchListed(client: Client, name: string): Promise<Image> {
  return withProgress(client, 'fetch-image', name, () => client.call('images.fetch', { name }));
}

/** Fetches what the catalogue lists under this name and is not in the store; null: it lists none. */
export const fetchIfListed = (client: Client, reference: string): Promise<Image | null> =>
  ifListed(
    {
      catalogue: async () => (await client.call('images.catalogue', {})).entries,
      fetch: (name) => fetchListed(client, name),
    },
    reference,
  );
