/** A client of the engine for the length of one command. */
import type { Client } from '../../engine/contract/client.ts';
import { resolvePaths } from '../../engine/host/paths.ts';
import { connectOrOpen } from '../join.ts';

/**
 * Joins the owner, or owns the engine while `act` runs. `long`: it may go on for hours (a console, a log followed), so
 * as the owner it measures and keeps history for windows that join.
 */
export async function withEngine<T>(act: (client: Client) => Promise<T>, { long = false } = {}): Promise<T> {
  const joined = await connectOrOpen({ paths: resolvePaths(), background: long });
  try {
    return await act(joined.client);
  } finally {
    await joined.close();
  }
}
