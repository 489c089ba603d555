/** A guest that goes for good, with everything that is its own. Intent is on disk first, so a kill is carried on. */
import { rm } from 'node:fs/promises';
import { syncFolder } from '../host/files.ts';
import { guestFolder } from '../host/paths.ts';
import type { GuestsContext } from './context.ts';
import type { Entry } from './entry.ts';
import type { Ledger } from './ledger.ts';

/** Throws whatever its driver throws; what is left is then taken away by the next attempt, or the next engine. */
export async function destroy({ paths, volumes }: GuestsContext, ledger: Ledger, entry: Entry): Promise<void> {
  await ledger.record(entry, { mark: 'deleting' });
  const { manifest, driver } = entry;
  await driver.remove(manifest);
  await volumes.removeOf(manifest.id);
  await rm(guestFolder(paths, manifest.id), { recursive: true, force: true });
  await syncFolder(paths.guests);
}
