/** Starts a guest that is shown from its first byte on: its console is known before the program can be over and gone. */
import type { StateEvent } from '../../engine/contract/api.ts';
import type { Client } from '../../engine/contract/client.ts';
import { type ErrorShape, GuesthouseError } from '../../engine/contract/errors.ts';
import type { Guest } from '../../engine/contract/guest.ts';

const GONE: ErrorShape = { code: 'disconnected', message: 'The engine ended meanwhile.' };

export interface ShownStart {
  readonly guest: Guest;
  /** Of its main or serial console; null when it told of none. */
  readonly session: string | null;
}

export async function startShown(client: Client, id: string): Promise<ShownStart> {
  let session: string | null = null;
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  const failed = (error: ErrorShape | null) => reject(new GuesthouseError(error ?? GONE));
  const unsubscribe = client.subscribe('state', {}, onEvent, failed);
  try {
    // The engine is heard from here on, and not from the moment it was asked.
    await listening;
    return { guest: await client.call('guests.start', { guest: id }), session };
  } finally {
    unsubscribe();
  }

  function onEvent(event: StateEvent): void {
    if (event.type === 'snapshot') resolve();
    if (event.type === 'console' && event.session.guestId === id && event.session.kind !== 'exec')
      session = event.session.id;
  }
}
