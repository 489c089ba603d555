/** Waits until a disposable guest, which goes by itself with its end, is gone: its name is free then. */
import type { Client } from '../../engine/contract/client.ts';

/** A disk that is slow or full must not keep whoever waits for ever (ms). */
const GONE_TIMEOUT_MS = 30_000;

/** Resolves when it is gone, when nobody can tell any more, or after the deadline; never rejects. */
export function untilGone(client: Client, id: string): Promise<void> {
  return new Promise((resolve) => {
    let stop = () => {};
    const done = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, GONE_TIMEOUT_MS);
    stop = client.subscribe(
      'state',
      {},
      (event) => {
        if (event.type === 'snapshot' && !event.guests.some((guest) => guest.id === id)) done();
        if (event.type === 'guest-removed' && event.id === id) done();
      },
      done,
    );
  });
}
