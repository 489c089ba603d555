/** What a container changed, as a layer to be laid over its image's. */
import { overlayTar } from '../../images/archive/overlay-tar.ts';
import type { DriverContext, GuestRecord } from '../driver.ts';
import { setPaused } from './paused.ts';
import { makeRootfsFolders, rootfsFolders } from './rootfs.ts';
import type { Run, Runs } from './runs.ts';

/** `hold`: a running container stands still until all is read. */
export async function* changedLayer(
  { paths, house }: DriverContext,
  runs: Runs,
  guest: GuestRecord,
  { hold, signal }: { readonly hold: boolean; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  await house.ensure();
  await makeRootfsFolders(paths, guest.id); // one that never ran has changed nothing
  const run = runs.get(guest.id);
  const held = hold && run !== undefined && !run.record.paused ? run : null;
  if (held) await still(runs, held, true);
  try {
    yield* overlayTar({
      prefix: house.enter({ network: false }),
      folder: rootfsFolders(paths, guest.id).upper,
      namespace: (await house.privilege()) === 'root' ? 'trusted' : 'user',
      signal,
    });
  } finally {
    if (held && runs.get(guest.id) === held) await still(runs, held, false);
  }
}

/** Recorded first: should the engine end meanwhile, the next one shows the guest as paused and it can be resumed. */
async function still(runs: Runs, run: Run, paused: boolean): Promise<void> {
  if (paused) runs.update(run, { paused });
  const execs = [...run.execs.values()].map(({ main }) => main);
  await setPaused(run.guestId, run.record.main, execs, paused);
  if (!paused) runs.update(run, { paused });
}
