/** Calls about events. */
import { type CallsOf, notYet, type Rooms } from './rooms.ts';

export function eventCalls(_rooms: Rooms): CallsOf<'events'> {
  return {
    'events.list': notYet('events.list'),
  };
}
