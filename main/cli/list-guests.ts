/** All guests, as whoever owns the home knows them; with no owner, as they are on disk where that says all there is to say. */
import type { Guest } from '../../engine/contract/guest.ts';
import { resolvePaths } from '../../engine/host/paths.ts';
import { join } from '../join.ts';
import { hasKeeper } from '../keeper.ts';
import { withEngine } from './engine.ts';

export async function listGuests(): Promise<readonly Guest[]> {
  const paths = resolvePaths();
  const client = await join(paths);
  if (client) {
    try {
      return await client.call('guests.list', {});
    } finally {
      client.close();
    }
  }
  if (!hasKeeper(paths)) {
    const { peekGuests } = await import('../../engine/peek.ts');
    const guests = peekGuests(paths);
    if (guests) return guests;
  }
  return withEngine((one) => one.call('guests.list', {}));
}
