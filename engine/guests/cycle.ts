/** A guest's restart policy at work, and a person's word against it. */
import { bootId } from '../host/process-ref.ts';
import { askedBy } from './asking.ts';
import type { Entry } from './entry.ts';
import type { Retries } from './retries.ts';
import type { GuestRooms } from './rooms.ts';
import { SETTLING } from './turns.ts';

type Rooms = Pick<GuestRooms, 'context' | 'ledger' | 'turns' | 'runs'>;

/** Starts it as its policy says. Never rejects: why it failed is told by the operation, and what follows is planned. */
export async function startAnew({ turns, runs }: Rooms, entry: Entry): Promise<void> {
  const { restarts, waitMs } = entry.manifest;
  const options = { cancellable: true, byPolicy: () => runs.settleFailedStart(entry) };
  const start = askedBy({ by: 'policy' }, () =>
    turns.verb('start', entry, options, (held, operation) =>
      runs.begin(held, operation, { restarts: restarts + 1, waitMs }),
    ),
  );
  await start.catch(() => {});
}

/** A person's word goes before a policy's. True: the guest was waiting to be started anew, and is stopped now. */
export async function endCycle(rooms: Rooms, retries: Retries, entry: Entry): Promise<boolean> {
  let ended: boolean;
  // A run may be over at the very moment at which its beginning is.
  do ended = await endWait(rooms, retries, entry);
  while (!ended && entry.holder?.verb === SETTLING);
  return ended;
}

async function endWait({ context, ledger }: Rooms, retries: Retries, entry: Entry): Promise<boolean> {
  const starting = entry.holder?.byPolicy ? entry.holder : null;
  if (starting) {
    context.operations.cancelTarget(entry.manifest.id);
    await starting.done;
  }
  while (entry.holder?.verb === SETTLING) await entry.holder.done;
  const waiting = retries.cancel(entry);
  if ((!waiting && !starting) || entry.running) return false;
  await ledger.record(entry, { wanted: 'stopped', waitMs: 0, bootId: bootId() });
  if (entry.state !== 'failed') entry.state = 'stopped';
  ledger.changed(entry);
  return true;
}
