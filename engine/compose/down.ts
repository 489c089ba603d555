/** Takes a project down: who needs others ends before them; then guests, networks and, when asked, volumes go. */
import { PROJECT_LABEL } from '../contract/compose.ts';
import { type ErrorShape, GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import { guestsOf, serviceOf } from './labels.ts';
import type { Link } from './link.ts';

export interface DownOptions {
  readonly volumes: boolean;
  readonly graceMs: number | null;
  /** One line of progress. */
  readonly say: (line: string) => void;
  /** Hears of each that would not. */
  readonly fail: (error: ErrorShape) => void;
  /** Somebody wants it to end: nothing more is begun. */
  readonly signal?: AbortSignal;
}

/** Stops guests, last of the order first. Every one is tried; answers those that would not. */
export async function stopAll(
  client: Link,
  guests: readonly Guest[],
  options: Omit<DownOptions, 'volumes'>,
): Promise<Guest[]> {
  const failed: Guest[] = [];
  for (const guest of [...guests].reverse()) {
    options.signal?.throwIfAborted();
    const now = await client.call('guests.inspect', { guest: guest.id }).catch(() => null);
    if (!now || !['running', 'paused', 'starting'].includes(now.state)) continue;
    try {
      await client.call('guests.stop', {
        guest: guest.id,
        ...(options.graceMs === null ? {} : { graceMs: options.graceMs }),
      });
      options.say(`${serviceOf(guest)}: stopped`);
    } catch (error) {
      failed.push(guest);
      options.fail(toErrorShape(error));
    }
  }
  return failed;
}

/** Every part is tried. */
export async function down(client: Link, project: string, options: DownOptions): Promise<void> {
  const guests = guestsOf(project, await client.call('guests.list', {}));
  const attempt = async (what: string, act: () => Promise<unknown>) => {
    options.signal?.throwIfAborted();
    try {
      await act();
      options.say(`${what}: removed`);
    } catch (error) {
      if (error instanceof GuesthouseError && error.code === 'not-found') return;
      options.fail(toErrorShape(error));
    }
  };
  await stopAll(client, guests, options);
  for (const guest of [...guests].reverse())
    await attempt(serviceOf(guest), () => client.call('guests.remove', { guest: guest.id, force: true }));
  for (const network of await client.call('networks.list', {}))
    if (network.labels[PROJECT_LABEL] === project)
      await attempt(`network ${network.name}`, () => client.call('networks.remove', { network: network.id }));
  if (options.volumes)
    for (const volume of await client.call('volumes.list', {}))
      if (volume.labels[PROJECT_LABEL] === project)
        await attempt(`volume ${volume.name}`, () => client.call('volumes.remove', { volume: volume.id }));
}
