/** Every call of the contract, bound to the room that answers it. */
import { composeCalls } from './compose-calls.ts';
import { consoleCalls } from './console-calls.ts';
import { diskCalls } from './disk-calls.ts';
import { eventCalls } from './event-calls.ts';
import { fileCalls } from './file-calls.ts';
import { guestCalls } from './guest-calls.ts';
import { hostCalls } from './host-calls.ts';
import { imageCalls } from './image-calls.ts';
import { networkCalls } from './network-calls.ts';
import { rescueCalls } from './rescue-calls.ts';
import type { Calls, Rooms } from './rooms.ts';
import { snapshotCalls } from './snapshot-calls.ts';
import { templateCalls } from './template-calls.ts';
import { trashCalls } from './trash-calls.ts';
import { volumeCalls } from './volume-calls.ts';

export function createCalls(rooms: Rooms): Calls {
  const { guests, metrics, operations } = rooms;
  const calls: Calls = {
    ...guestCalls(rooms),
    ...templateCalls(rooms),
    ...trashCalls(rooms),
    ...diskCalls(rooms),
    ...snapshotCalls(rooms),
    ...fileCalls(rooms),
    ...rescueCalls(rooms),
    ...imageCalls(rooms),
    ...volumeCalls(rooms),
    ...networkCalls(rooms),
    ...consoleCalls(rooms),
    ...eventCalls(rooms),
    ...composeCalls(rooms, () => calls),
    ...hostCalls(rooms),

    'operations.list': async () => operations.list(),
    'operations.cancel': async ({ operation }) => {
      operations.cancel(operation);
      return null;
    },

    'metrics.now': ({ guests: refs }) =>
      metrics.now(refs?.map((ref) => (ref === 'host' ? ref : guests.entry(ref).manifest.id))),
    'metrics.ranking': (query) =>
      metrics.ranking(
        query,
        [...guests.entries()].map(({ manifest }) => ({ id: manifest.id, cpus: manifest.spec.cpus })),
      ),
    'metrics.history': async (query) =>
      metrics.history({ ...query, id: query.id === 'host' ? 'host' : guests.entry(query.id).manifest.id }),
  };
  return calls;
}
