/** Calls about events. */
import type { CallsOf, Rooms } from './rooms.ts';

export function eventCalls({ events }: Rooms): CallsOf<'events'> {
  return {
    'events.list': async (query) => events.list(query),
  };
}
