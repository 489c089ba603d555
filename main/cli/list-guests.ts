/** All guests, as whoever owns the home knows them; with no owner, as they are on disk where that says all there is to say. */
import type { Guest } from '../../engine/contract/guest.ts';
import { existsSync } from '../../engine/host/lean.ts';
import { resolvePaths } from '../../engine/host/paths.ts';
import { hasKeeper } from '../keeper-lock.ts';

/** Each way loads only what it needs: loading is most of what a list costs. */
export async function listGuests(): Promise<readonly Guest[]> {
  const paths = resolvePaths();
  if (existsSync(paths.engineSocket)) {
    const { join } = await import('../join.ts');
    const client = await join(paths);
    if (client) {
      try {
        return await client.call('guests.list', {});
      } finally {
        client.close();
      }
    }
  }
  if (!hasKeeper(paths)) {
    const { peekGuests } = await import('../../engine/peek.ts');
    const guests = peekGuests(paths);
    if (guests) return guests;
  }
  const { withEngine } = await import('./engine.ts');
  return withEngine((one) => one.call('guests.list', {}));
}
