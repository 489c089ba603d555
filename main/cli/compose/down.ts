/** Takes a project down: who needs others ends before them; then guests, networks and, when asked, volumes go. */
import type { Client } from '../../../engine/contract/client.ts';
import { GuesthouseError, toErrorShape } from '../../../engine/contract/errors.ts';
import type { Guest } from '../../../engine/contract/guest.ts';
import { printError } from '../print.ts';
import { guestsOf, PROJECT, serviceOf } from './labels.ts';

export interface DownOptions {
  readonly volumes: boolean;
  readonly graceMs: number | null;
  readonly say: (line: string) => void;
}

/** Stops guests, last of the order first. Every one is tried; answers those that would not. */
export async function stopAll(
  client: Client,
  guests: readonly Guest[],
  options: Omit<DownOptions, 'volumes'>,
): Promise<Guest[]> {
  const failed: Guest[] = [];
  for (const guest of [...guests].reverse()) {
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
      printError(toErrorShape(error));
    }
  }
  return failed;
}

/** Answers the exit code. */
export async function down(client: Client, project: string, options: DownOptions): Promise<number> {
  const guests = guestsOf(project, await client.call('guests.list', {}));
  let failed = false;
  const attempt = async (what: string, act: () => Promise<unknown>) => {
    try {
      await act();
      options.say(`${what}: removed`);
    } catch (error) {
      if (error instanceof GuesthouseError && error.code === 'not-found') return;
      failed = true;
      printError(toErrorShape(error));
    }
  };
  await stopAll(client, guests, options);
  for (const guest of [...guests].reverse())
    await attempt(serviceOf(guest), () => client.call('guests.remove', { guest: guest.id, force: true }));
  for (const network of await client.call('networks.list', {}))
    if (network.labels[PROJECT] === project)
      await attempt(`network ${network.name}`, () => client.call('networks.remove', { network: network.id }));
  if (options.volumes)
    for (const volume of await client.call('volumes.list', {}))
      if (volume.labels[PROJECT] === project)
        await attempt(`volume ${volume.name}`, () => client.call('volumes.remove', { volume: volume.id }));
  return failed ? 1 : 0;
}
