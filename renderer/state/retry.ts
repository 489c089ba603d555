/** Trying again what failed or was cancelled, where the operation itself says enough to do so. */
import type { Operation } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { house } from './house.svelte.ts';
import { storeTrouble } from './store-trouble.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { allows, type GuestVerb } from './verbs.ts';

const GUEST_VERBS: readonly string[] = ['start', 'stop', 'kill', 'restart', 'pause', 'resume'];

/** What would be done; null: it cannot be tried again from here, or makes no sense any more. */
export function retryOf(operation: Operation): (() => Promise<unknown>) | null {
  if (operation.state !== 'failed' && operation.state !== 'cancelled') return null;
  const { verb, target, targetId } = operation;
  if (GUEST_VERBS.includes(verb)) {
    const guest = targetId === null ? undefined : house.guests.get(targetId);
    if (!guest || !allows(guest.state, verb as GuestVerb)) return null;
    return () =>
      engine.call(`guests.${verb as 'start' | 'stop' | 'kill' | 'restart' | 'pause' | 'resume'}`, { guest: guest.id });
  }
  if (verb === 'pull-image')
    return () => storeTrouble.images.during(() => engine.call('images.pull', { reference: target }));
  if (verb === 'build-image' && (target === 'busybox' || target === 'debian:12'))
    return () => storeTrouble.images.during(() => engine.call('images.build', { builder: target }));
  return null;
}

/** Does it. Its own row in Activity tells how it goes; what was refused at once is told here. */
export function retry(operation: Operation): void {
  retryOf(operation)?.().catch((error: unknown) => toasts.show(error instanceof Error ? error.message : String(error)));
}
