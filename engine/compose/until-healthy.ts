/** Waits for a guest's health, looking at every change of it. */

import { type ErrorShape, GuesthouseError } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import { findImage } from './find-image.ts';
import type { Link } from './link.ts';

/** The longest a timer of Node waits (ms). */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** `deadlineMs`: by `performance.now()`. Throws `wrong-state` for a guest without a check, `guest-failed` when it ended or is unhealthy, `timeout`. */
export async function untilHealthy(client: Link, guest: string, deadlineMs: number): Promise<Guest> {
  const { name, spec } = await client.call('guests.inspect', { guest });
  const inImage = async () => findImage(await client.call('images.list', {}), spec.image ?? '')?.config?.health ?? null;
  const check = spec.health ?? (await inImage());
  if (check === null || check.command.length === 0) {
    throw new GuesthouseError({
      code: 'wrong-state',
      message: `${name} has no health check, so it is never healthy.`,
      subject: name,
      hint: 'Give it one, or wait until it is started.',
    });
  }
  const judge = (seen: Guest): Guest | ErrorShape | null => {
    const failed = (message: string): ErrorShape => ({
      code: 'guest-failed',
      message,
      subject: seen.name,
      ...(seen.health?.lastOutput ? { cause: seen.health.lastOutput } : {}),
      hint: `See \`guesthouse logs ${seen.name}\`.`,
    });
    if (seen.state === 'stopped' || seen.state === 'failed') return failed(`${seen.name} ended before it was healthy.`);
    if (seen.health?.status === 'unhealthy') return failed(`${seen.name} is unhealthy.`);
    return seen.state === 'running' && seen.health?.status === 'healthy' ? seen : null;
  };
  return watchGuest(client, guest, deadlineMs, judge, (name) => `${name} is not healthy yet.`);
}

/** Resolves with the guest once `judge` answers it, by `deadlineMs` of `performance.now()`; rejects with the error it answers, or `timeout`. */
export async function watchGuest(
  client: Link,
  ref: string,
  deadlineMs: number,
  judge: (guest: Guest) => Guest | ErrorShape | null,
  late: (name: string) => string,
): Promise<Guest> {
  const { id, name } = await client.call('guests.inspect', { guest: ref });
  return new Promise((resolve, reject) => {
    let stop = () => {};
    const finish = (act: () => void) => {
      clearTimeout(timer);
      stop();
      act();
    };
    const fail = (shape: ErrorShape) => finish(() => reject(new GuesthouseError(shape)));
    const look = (guest: Guest | undefined) => {
      const verdict = guest?.id === id ? judge(guest) : null;
      if (verdict === null) return;
      if ('code' in verdict) fail(verdict);
      else finish(() => resolve(verdict));
    };
    const timer = setTimeout(
      () => fail({ code: 'timeout', message: late(name), subject: name }),
      Math.min(MAX_TIMER_MS, Math.max(0, deadlineMs - performance.now())),
    );
    stop = client.subscribe(
      'state',
      {},
      (event) => {
        if (event.type === 'snapshot') look(event.guests.find((guest) => guest.id === id));
        if (event.type === 'guest') look(event.guest);
        if (event.type === 'guest-removed' && event.id === id)
          fail({ code: 'not-found', message: `${name} was removed meanwhile.`, subject: name });
      },
      (error) => fail(error ?? { code: 'disconnected', message: 'The engine ended meanwhile.' }),
    );
  });
}
