/** Calls about networks. */
import { type CallsOf, notYet, type Rooms } from './rooms.ts';

export function networkCalls(_rooms: Rooms): CallsOf<'networks'> {
  return {
    'networks.list': notYet('networks.list'),
    'networks.create': notYet('networks.create'),
    'networks.remove': notYet('networks.remove'),
    'networks.prune': notYet('networks.prune'),
  };
}
