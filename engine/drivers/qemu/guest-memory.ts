/**
 * What a machine's system says of its own memory: the statistics of virtio's balloon (OASIS virtio 1.2, 5.5.6.3; QEMU's
 * docs/virtio-balloon-stats.txt). The balloon itself is never filled: nothing is taken from the guest.
 */
import type { GuestMemory } from '../../contract/inside.ts';
import type { Qmp } from './qmp/client.ts';

/** QEMU's name of the device. */
export const BALLOON = 'balloon';
const PATH = `/machine/peripheral/${BALLOON}`;
/** QEMU asks the guest this often (s). */
const POLL_SECONDS = 2;
/** Of our readings, one a second, every such one asks QEMU what it was told. */
const EVERY = 2;
/** The same of a guest that never said anything: it may still be starting, or have no driver. */
const EVERY_SILENT = 20;
/** So often a guest may be silent before it counts as such. */
const PATIENCE = 60;
/** What is older is not how it is now (ms). */
const OLD_MS = 15_000;
/** A guest with a driver answers at once; an emulated, busy one may take longer (ms). */
const FIRST_TIMEOUT_MS = 2_000;
const LOOK_MS = 50;

export interface GuestMemorySource {
  /** As of a reading before, so that no reading waits for QEMU. null: the guest does not say. */
  read(): GuestMemory | null;
  /** Asks and waits. null: the guest does not say. Throws as `execute` does. */
  ask(qmp: Qmp): Promise<GuestMemory | null>;
}

/** `now`: the monitor, if it is connected. */
export function createGuestMemory(hasDevice: boolean, now: () => Qmp | null): GuestMemorySource {
  /** The connection over which QEMU was told to ask the guest; it goes on by itself after that. */
  let told: Qmp | null = null;
  let last: GuestMemory | null = null;
  let asking = false;
  let readings = 0;
  let silent = 0;

  const tell = async (qmp: Qmp) => {
    if (told === qmp) return;
    await qmp.execute('qom-set', { path: PATH, property: 'guest-stats-polling-interval', value: POLL_SECONDS });
    told = qmp;
  };
  const once = async (qmp: Qmp): Promise<GuestMemory | null> => {
    await tell(qmp);
    // Refused where the guest never said anything yet.
    last = guestMemoryOf(await qmp.execute('qom-get', { path: PATH, property: 'guest-stats' }).catch(() => null));
    silent = last === null ? silent + 1 : 0;
    return last;
  };
  const fresh = () => (last !== null && Date.now() - last.at <= OLD_MS ? last : null);

  return {
    read() {
      const qmp = now();
      const every = silent >= PATIENCE ? EVERY_SILENT : EVERY;
      if (hasDevice && qmp !== null && !asking && readings++ % every === 0) {
        asking = true;
        once(qmp)
          .catch(() => {}) // it is ending, or busy: the next one
          .finally(() => {
            asking = false;
          });
      }
      return fresh();
    },
    async ask(qmp) {
      if (!hasDevice) return null;
      for (const until = performance.now() + FIRST_TIMEOUT_MS; ; ) {
        await once(qmp);
        if (fresh() !== null || performance.now() > until) return fresh();
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
  };
}

/** From QEMU's `guest-stats`. null: the guest said nothing of use. Pure. */
export function guestMemoryOf(found: unknown): GuestMemory | null {
  const { 'last-update': seconds, stats } = (found ?? {}) as {
    'last-update'?: number;
    stats?: Record<string, unknown>;
  };
  // What a guest leaves out is the highest number there is.
  const said = (name: string): number | null => {
    const value = stats?.[`stat-${name}`];
    return typeof value === 'number' && value >= 0 && value < 2 ** 63 ? value : null;
  };
  const totalBytes = said('total-memory');
  const freeBytes = said('free-memory');
  if (!seconds || !totalBytes) return null;
  // Linux before 3.14 and some others do not know what is available.
  const availableBytes = said('available-memory') ?? freeBytes;
  if (availableBytes === null) return null;
  return {
    at: seconds * 1000,
    totalBytes,
    usedBytes: Math.max(0, totalBytes - availableBytes),
    availableBytes,
    freeBytes,
    cachedBytes: said('disk-caches'),
    swappedInBytes: said('swap-in'),
    swappedOutBytes: said('swap-out'),
    majorFaults: said('major-faults'),
  };
}
