/** What this host has, lacks, and what to do about it: each room reports on itself. */
import type { Finding } from '../contract/host.ts';
import { hostFacts } from '../host/facts.ts';
import { withMend } from './mend.ts';
import type { Rooms } from './rooms.ts';

const GIB = 1024 ** 3;
/** Below this a Debian image cannot be built (bytes). */
const LITTLE_DISK_BYTES = 2 * GIB;

/** Never throws: a room that cannot answer becomes a problem itself. */
export async function doctor(rooms: Rooms, fresh: boolean): Promise<Finding[]> {
  const parts = [
    () => disk(rooms.paths.home),
    ...(await rooms.drivers.all()).map((driver) => () => driver.doctor(fresh)),
    () => rooms.house.doctor(),
    () => rooms.images.doctor(),
    () => rooms.volumes.doctor(),
    async () => rooms.networks.doctor(),
    async () => rooms.unreadable.map(damaged),
  ];
  const found = await Promise.all(
    parts.map((part) =>
      part().catch((error): Finding[] => [
        {
          id: 'internal',
          level: 'problem',
          title: 'Check',
          found: `A check failed: ${(error as Error).message}`,
          fix: null,
        },
      ]),
    ),
  );
  return found.flat().map(withMend);
}

async function disk(home: string): Promise<Finding[]> {
  const { diskFreeBytes, diskTotalBytes } = await hostFacts(home);
  const little = diskFreeBytes < LITTLE_DISK_BYTES;
  return [
    {
      id: 'disk',
      level: little ? 'warning' : 'ok',
      title: 'Disk',
      found: `${(diskFreeBytes / GIB).toFixed(1)} of ${(diskTotalBytes / GIB).toFixed(1)} GiB are free where guests are kept (${home}).`,
      fix: little ? 'Free some space, or set GUESTHOUSE_HOME to a folder on a larger disk.' : null,
    },
  ];
}

function damaged({ id, reason }: { id: string; reason: string }): Finding {
  return {
    id: 'guest',
    level: 'problem',
    title: `Guest ${id}`,
    found: `Its state is not known: ${reason}. Its folder was left alone.`,
    fix: 'Restore its guest.json from a copy, or move its folder away.',
  };
}
