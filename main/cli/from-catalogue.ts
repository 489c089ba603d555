/** Images of the catalogue, fetched where a guest wants one that is not here. */
import type { Client } from '../../engine/contract/client.ts';
import type { Image } from '../../engine/contract/image.ts';
import { withProgress } from './progress.ts';

export function fetchListed(client: Client, name: string): Promise<Image> {
  return withProgress(client, 'fetch-image', name, () => client.call('images.fetch', { name }));
}

/** Fetches what the catalogue lists under this name and is not in the store; null: it lists none. */
export async function fetchIfListed(client: Client, reference: string): Promise<Image | null> {
  // A registry's names have a host, a folder or another tag.
  if (!/^[a-z0-9.-]+$/.test(reference)) return null;
  const { entries } = await client.call('images.catalogue', {});
  const isListed = entries.some(
    ({ name }) => name === reference || name.replace(/-(amd64|arm64|riscv64)$/, '') === reference,
  );
  return isListed ? fetchListed(client, reference) : null;
}
