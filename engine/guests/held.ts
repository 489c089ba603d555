/** Acts that are no verbs of a guest but need it to stay as it is meanwhile. */
import type { Entry } from './entry.ts';
import { busy } from './state.ts';

/** Runs `act` while every verb but `kill` is refused or waits. Throws `conflict` while a verb holds the guest. */
export async function whileHeld<T>(entry: Entry, verb: string, act: () => Promise<T>): Promise<T> {
  if (entry.holder) throw busy(entry.manifest.spec.name, entry.holder.verb);
  const { promise, resolve } = Promise.withResolvers<void>();
  entry.holder = { verb, byPolicy: false, done: promise };
  try {
    await entry.cleanup;
    return await act();
  } finally {
    entry.holder = null;
    resolve();
  }
}
