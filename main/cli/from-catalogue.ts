/** Images of the catalogue, fetched where a guest wants one that is not here. */
import { isListed, mayBeListed } from '../../engine/compose/find-image.ts';
import type { Client } from '../../engine/contract/client.ts';
import type { Image } from '../../engine/contract/image.ts';
import { withProgress } from './progress.ts';

export function fetchListed(client: Client, name: string): Promise<Image> {
  return withProgress(client, 'fetch-image', name, () => client.call('images.fetch', { name }));
}

/** Fetches what the catalogue lists under this name and is not in the store; null: it lists none. */
export async function fetchIfListed(client: Client, reference: string): Promise<Image | null> {
  if (!mayBeListed(reference)) return null;
  const { entries } = await client.call('images.catalogue', {});
  return isListed(entries, reference) ? fetchListed(client, reference) : null;
}
