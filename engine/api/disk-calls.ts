/** Calls about the disks of guests. */
import { GuesthouseError } from '../contract/errors.ts';
import type { GuestDisks } from '../drivers/driver.ts';
import type { Entry } from '../guests/entry.ts';
import type { CallsOf, Rooms } from './rooms.ts';

export function diskCalls({ guests }: Rooms): CallsOf<'disks'> {
  return {
    'disks.list': async ({ guest }) => {
      const entry = guests.entry(guest);
      return disksOf(entry).list(entry.manifest);
    },
    'disks.compact': async ({ guest, disk }) => {
      disksOf(guests.entry(guest));
      return guests.lookAfter(guest, 'compact-disk', (entry, operation) =>
        disksOf(entry).compact(entry.manifest, disk, operation),
      );
    },
    'disks.check': async ({ guest, disk, repair }) => {
      disksOf(guests.entry(guest));
      return guests.lookAfter(guest, 'check-disk', (entry, operation) =>
        disksOf(entry).check(entry.manifest, disk, repair ?? false, operation),
      );
    },
  };
}

function disksOf({ driver, manifest: { spec } }: Entry): GuestDisks {
  if (driver.disks) return driver.disks;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `${spec.name} has no disks.`,
    subject: spec.name,
    cause: 'A container has a layer of files, which takes the room its files take.',
    hint: 'See `guesthouse df`.',
  });
}
