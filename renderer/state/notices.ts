/** Tells of guests that end without being asked to: on the desktop, and in the window where their page is not in sight. */
import { m } from '../messages.ts';
import { desktop } from './desktop.svelte.ts';
import { endOf } from './ends.ts';
import type { GuestChange } from './guest-index.ts';
import { house } from './house.svelte.ts';
import { route } from './route.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** More at once than this (a host that goes down) is told as a number. */
const MOST = 3;

/** To be called with every change of guests. */
export function tellOfEnds(changes: readonly GuestChange[]): void {
  const operations = [...house.operations.values()];
  const ends = changes.flatMap(({ before, after: guest }) => {
    const end = guest ? endOf(before, guest, operations) : null;
    return guest && end ? [{ guest, end }] : [];
  });
  if (ends.length > MOST) {
    const run = () => route.section('guests');
    const said = m.guests.ends.many(ends.length);
    toasts.show(said, { label: m.resources.thresholds.show, run });
    desktop.tell(said, 'ends', run);
    return;
  }
  for (const { guest, end } of ends) {
    const said = m.guests.ends[end](guest.name);
    const run = () => route.guest(guest.id, 'overview');
    const { place } = route;
    const inSight = place.view === 'guests' && place.guest === guest.id;
    if (!inSight) toasts.show(said, { label: m.resources.thresholds.show, run });
    desktop.tell(said, `end ${guest.id}`, run);
  }
}
