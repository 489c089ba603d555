/** An act on a guest's storage that needs the guest as it stands, is shown and can be cancelled. */
import type { OperationContext } from '../drivers/driver.ts';
import type { Entry } from './entry.ts';
import { requireAwake } from './snapshots/kept-memory.ts';
import type { Turns } from './turns.ts';

export type UpkeepVerb = 'compact-disk' | 'check-disk' | 'open-disk' | 'close-disk';
export type Upkeep<T> = (entry: Entry, operation: OperationContext) => Promise<T>;

/** Throws `busy`, `wrong-state`, and whatever `act` throws. */
export async function lookAfter<T>(turns: Turns, entry: Entry, verb: UpkeepVerb, act: Upkeep<T>): Promise<T> {
  requireAwake(entry, 'this');
  let result: T | undefined;
  await turns.verb(verb, entry, { cancellable: true }, async (held, operation) => {
    result = await act(held, operation);
  });
  return result as T;
}
