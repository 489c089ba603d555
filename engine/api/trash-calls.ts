/** Calls about the trash. */
import type { CallsOf, Rooms } from './rooms.ts';

export function trashCalls({ guests: { trash } }: Rooms): CallsOf<'trash'> {
  return {
    'trash.list': async () => trash.list(),
    'trash.restore': ({ guest, name }) => trash.restore(guest, name),
    'trash.empty': async ({ guests }) => ({ removed: await trash.empty(guests) }),
    'trash.keep': ({ days }) => trash.keep(days),
  };
}
