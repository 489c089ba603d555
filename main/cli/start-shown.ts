/** Starts a guest that is shown from its first byte on: its console is known before the program can be over and gone. */
import type { Client } from '../../engine/contract/client.ts';
import type { Guest } from '../../engine/contract/guest.ts';

export interface ShownStart {
  readonly guest: Guest;
  /** Of its main or serial console; null when it told of none. */
  readonly session: string | null;
}

export async function startShown(client: Client, id: string): Promise<ShownStart> {
  let session: string | null = null;
  const unsubscribe = client.subscribe('state', {}, (event) => {
    if (event.type === 'console' && event.session.guestId === id && event.session.kind !== 'exec')
      session = event.session.id;
  });
  try {
    return { guest: await client.call('guests.start', { guest: id }), session };
  } finally {
    unsubscribe();
  }
}
