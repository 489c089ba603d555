/** A client of the engine for the length of one command. */
import type { Client } from '../../engine/contract/client.ts';
import { resolvePaths } from '../../engine/host/paths.ts';
import { connectOrOpen } from '../join.ts';

/** Joins the owner, or owns the engine while `act` runs. */
export async function withEngine<T>(act: (client: Client) => Promise<T>): Promise<T> {
  const joined = await connectOrOpen({ paths: resolvePaths(), background: false });
  try {
    return await act(joined.client);
  } finally {
    await joined.close();
  }
}
