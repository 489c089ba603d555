/** Every call of the contract, bound to the room that answers it. */
import { GuesthouseError } from '../contract/errors.ts';
import { askedBy, asking } from '../guests/asking.ts';
import { consoleCalls } from './console-calls.ts';
import { diskCalls } from './disk-calls.ts';
import { schemas } from './edge.ts';
import { eventCalls } from './event-calls.ts';
import { fileCalls } from './file-calls.ts';
import { guestCalls } from './guest-calls.ts';
import { hostCalls } from './host-calls.ts';
import { imageCalls } from './image-calls.ts';
import { networkCalls } from './network-calls.ts';
import { rescueCalls } from './rescue-calls.ts';
import type { Calls, CallsOf, Rooms } from './rooms.ts';
import { snapshotCalls } from './snapshot-calls.ts';
import { templateCalls } from './template-calls.ts';
import { trashCalls } from './trash-calls.ts';
import { volumeCalls } from './volume-calls.ts';

export function createCalls(rooms: Rooms): Calls {
  const { guests, metrics, operations } = rooms;
  // Few commands read a compose file, and all would wait for what reads it to be loaded.
  let composing: Promise<CallsOf<'compose'>> | null = null;
  const compose = () => {
    composing ??= import('./compose-calls.ts').then(({ composeCalls }) => composeCalls(rooms, () => calls));
    return composing;
  };
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
    'compose.plan': async (wish) => (await compose())['compose.plan'](wish),
    'compose.up': async (wish) => (await compose())['compose.up'](wish),
    'compose.down': async (wish) => (await compose())['compose.down'](wish),
    ...hostCalls(rooms),

    'operations.list': async () => operations.list(),
    'operations.cancel': async ({ operation }) => {
      operations.cancel(operation);
      return null;
    },

    'operations.retry': async ({ operation }) => {
      const call = operations.callOf(operation);
      // What is kept on the disk is looked at like what comes over a link.
      const { isCall, parseCall } = await schemas();
      if (!isCall(call.name))
        throw new GuesthouseError({
          code: 'unsupported',
          message: 'This version has no such call any more.',
          subject: call.name,
        });
      const args = parseCall(call.name, call.args);
      const answer = calls[call.name] as (args: unknown) => Promise<unknown>;
      await askedBy(asking().asker, () => answer(args), call);
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
