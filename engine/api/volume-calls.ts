/** Calls about volumes. */
import { type CallsOf, notYet, type Rooms } from './rooms.ts';

export function volumeCalls(_rooms: Rooms): CallsOf<'volumes'> {
  return {
    'volumes.list': notYet('volumes.list'),
    'volumes.create': notYet('volumes.create'),
    'volumes.inspect': notYet('volumes.inspect'),
    'volumes.remove': notYet('volumes.remove'),
    'volumes.prune': notYet('volumes.prune'),
  };
}
