/** Calls about the disks of machines that do not run, opened by a small machine of ours. */
import { GuesthouseError } from '../contract/errors.ts';
import type { GuestRescue } from '../drivers/driver.ts';
import type { Entry } from '../guests/entry.ts';
import { sha512Crypt } from '../guests/sha512-crypt.ts';
import type { CallsOf, Rooms } from './rooms.ts';

const DEFAULT_LINES = 200;
const LOG_TIMEOUT_MS = 150_000;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export function rescueCalls({ guests, sessions }: Rooms): CallsOf<'rescue'> {
  const reach = (ref: string) => {
    const entry = guests.entry(ref);
    return { rescue: rescueOf(entry), guest: entry.manifest };
  };
  return {
    'rescue.open': async ({ guest, write, root }) => {
      const { rescue } = reach(guest);
      const wish = { write: write ?? false, root: root ?? null };
      return guests.lookAfter(guest, 'open-disk', (entry, operation) => rescue.open(entry.manifest, wish, operation));
    },
    'rescue.unlock': async ({ guest, device, passphrase }) => {
      const { rescue } = reach(guest);
      return guests.lookAfter(guest, 'open-disk', ({ manifest }, operation) =>
        rescue.unlock(manifest, device, passphrase, operation),
      );
    },
    'rescue.close': async ({ guest }) => {
      const { rescue, guest: record } = reach(guest);
      if (rescue.now(record.id)) await guests.lookAfter(guest, 'close-disk', (entry) => rescue.close(entry.manifest));
      return null;
    },
    'rescue.shell': async ({ guest, columns, rows }) => {
      const { rescue, guest: record } = reach(guest);
      const size = { columns: columns ?? DEFAULT_COLUMNS, rows: rows ?? DEFAULT_ROWS };
      return sessions.add(await rescue.shell(record, size));
    },
    'rescue.users': async ({ guest }) => {
      const { rescue, guest: record } = reach(guest);
      return rescue.users(record);
    },
    'rescue.setPassword': async ({ guest, user, password }) => {
      const { rescue, guest: record } = reach(guest);
      await rescue.setPassword(record, user, sha512Crypt(password));
      return null;
    },
    'rescue.addKey': async ({ guest, user, key }) => {
      const { rescue, guest: record } = reach(guest);
      await rescue.addKey(record, user, key);
      return null;
    },
    'rescue.logs': async ({ guest }) => {
      const { rescue, guest: record } = reach(guest);
      return rescue.logs(record);
    },
    'rescue.log': async ({ guest, name, lines }) => {
      const { rescue, guest: record } = reach(guest);
      const text = await rescue.log(record, name, lines ?? DEFAULT_LINES, AbortSignal.timeout(LOG_TIMEOUT_MS));
      return { text };
    },
  };
}

function rescueOf({ driver, manifest: { spec } }: Entry): GuestRescue {
  if (driver.rescue) return driver.rescue;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `${spec.name} has no disks to be opened.`,
    subject: spec.name,
    cause: 'The files of a container are reached without that, also while it is stopped.',
    hint: "See `guesthouse cp`, or the window's files.",
  });
}
