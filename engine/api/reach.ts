/** Whether files of a guest can be reached now, and through what. */
import { GuesthouseError } from '../contract/errors.ts';
import type { GuestFiles } from '../drivers/reach.ts';
import type { Guests } from '../guests/guests.ts';
import { busy } from '../guests/state.ts';

/** Throws `unsupported`, or `busy` while the guest is being started, stopped, changed or removed. */
export async function filesOf(guests: Guests, ref: string): Promise<GuestFiles> {
  const entry = guests.entry(ref);
  const { spec } = entry.manifest;
  if (!entry.driver.files) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${spec.name} keeps its files on a disk of its own; they cannot be reached from here.`,
      subject: spec.name,
      hint: 'Use its console, or a folder it shares with the host.',
    });
  }
  // What its last run left is taken away first.
  await entry.cleanup;
  // A verb that holds a running guest (a pause) does not touch its files; one that holds a stopped one may.
  const steady = entry.state === 'running' || entry.state === 'paused';
  if (!steady && entry.holder) throw busy(spec.name, entry.holder.verb);
  if (!steady && entry.state !== 'stopped' && entry.state !== 'failed') throw busy(spec.name, entry.state);
  return entry.driver.files(entry.manifest);
}
