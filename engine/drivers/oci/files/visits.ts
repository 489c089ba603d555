/**
 * Being inside a guest's root for the time of an act. Of a running or paused guest that is what its first process has
 * as its root, mounts included. Of a stopped one its overlay is mounted in the house, and taken away a moment after the
 * last visit; a file beside it tells the next engine, should this one be killed meanwhile.
 */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import { guestFolder } from '../../../host/paths.ts';
import { isAlive } from '../../../host/process-ref.ts';
import type { DriverContext, GuestRecord } from '../../driver.ts';
import { makeRootfsFolders, mountRootfs, unmountRootfs } from '../rootfs.ts';
import type { Run, Runs } from '../runs.ts';
import { type GuestRoot, openRoot } from './root.ts';
import type { Toolbox } from './toolbox.ts';

/** A stopped guest's overlay stays mounted this long after the last visit: people open one folder after the other (ms). */
const LINGER_MS = 3_000;
/** How long a start waits for a visitor to leave by itself (ms). */
const VACATE_MS = 2_000;
const LOOK_EVERY_MS = 20;

export interface Visit {
  readonly root: GuestRoot;
  /** Fires when the guest's root goes away under the visitor. */
  readonly signal: AbortSignal;
  /** Whether mounts of the guest are seen; only while it runs. */
  readonly running: boolean;
  leave(): void;
}

export interface Visits {
  enter(guest: GuestRecord): Promise<Visit>;
  /** Before the guest's root is mounted for a run. Throws `busy` while somebody copies. */
  vacate(guest: GuestRecord): Promise<void>;
  /** Ends all visits of the guest and waits until they are over. */
  evict(guestId: string): Promise<void>;
  close(): Promise<void>;
}

interface Place {
  visitors: number;
  abort: AbortController;
  mounted: Promise<string> | null;
  linger: NodeJS.Timeout | null;
}

export function createVisits(context: DriverContext, runs: Runs, toolbox: () => Promise<Toolbox>): Visits {
  const { house, images, paths } = context;
  const places = new Map<string, Place>();
  /** Roots that are just being taken away. */
  const leaving = new Map<string, Promise<void>>();
  const watched = new WeakSet<Run>();
  const markPath = (guestId: string) => join(guestFolder(paths, guestId), 'visited');

  const placeOf = (guestId: string): Place => {
    const known = places.get(guestId);
    if (known) return known;
    const place = { visitors: 0, abort: new AbortController(), mounted: null, linger: null };
    places.set(guestId, place);
    return place;
  };

  async function mount(guest: GuestRecord): Promise<string> {
    await leaving.get(guest.id)?.catch(() => {});
    const { layers } = await images.rootfs(guest.imageId ?? '');
    await house.ensure();
    await makeRootfsFolders(paths, guest.id);
    await writeFile(markPath(guest.id), '', { mode: 0o600 });
    await unmountRootfs(house, paths, guest.id); // of an engine that was killed
    const root = await mountRootfs(house, paths, guest.id, layers, AbortSignal.timeout(30_000));
    return `/proc/${house.pid}/root${root}`;
  }

  /** From here on the place is another's to take, who waits until it is empty. */
  function unmount(guestId: string, place: Place): Promise<void> {
    if (place.linger) clearTimeout(place.linger);
    if (places.get(guestId) === place) places.delete(guestId);
    const mounted = place.mounted;
    if (!mounted) return Promise.resolve();
    const work = (async () => {
      await mounted.catch(() => {});
      await house.ensure(); // its mounts are not seen otherwise
      await unmountRootfs(house, paths, guestId);
      await rm(markPath(guestId), { force: true });
    })();
    const done = work.finally(() => {
      if (leaving.get(guestId) === done) leaving.delete(guestId);
    });
    leaving.set(guestId, done);
    return done;
  }

  async function empty(place: Place, timeoutMs: number): Promise<boolean> {
    for (const end = performance.now() + timeoutMs; place.visitors > 0; ) {
      if (performance.now() > end) return false;
      await sleep(LOOK_EVERY_MS);
    }
    return true;
  }

  /** A run that ends takes its root along; once per run, however often it is visited. */
  function abortWith(run: Run): void {
    if (watched.has(run)) return;
    watched.add(run);
    void run.exited.then(() => places.get(run.guestId)?.abort.abort());
  }

  /** The root as a path the engine may follow. */
  async function locate(guest: GuestRecord, place: Place): Promise<{ path: string; running: boolean }> {
    const run = runs.get(guest.id);
    if (run?.record.started && isAlive(run.record.main)) {
      abortWith(run);
      return { path: `/proc/${run.record.main.pid}/root`, running: true };
    }
    await runs.settled(guest.id);
    place.mounted ??= mount(guest).catch((error) => {
      place.mounted = null;
      throw error;
    });
    return { path: await place.mounted, running: false };
  }

  return {
    async enter(guest) {
      const tools = await toolbox();
      await house.ensure();
      const place = placeOf(guest.id);
      place.visitors++;
      if (place.linger) clearTimeout(place.linger);
      place.linger = null;
      let left = false;
      const leave = () => {
        if (left) return;
        left = true;
        place.visitors--;
        if (place.visitors > 0) return;
        if (!place.mounted) {
          if (places.get(guest.id) === place) places.delete(guest.id);
          return;
        }
        const end = () => unmount(guest.id, place).catch((error) => context.log.warn('a root was not left', { error }));
        place.linger = setTimeout(end, LINGER_MS);
      };
      try {
        const { path, running } = await locate(guest, place);
        const root = openRoot(house, tools, path);
        const run = runs.get(guest.id);
        // Its number may have become another process' before it was opened.
        if (running && !(run && isAlive(run.record.main))) {
          root.close();
          throw gone(guest);
        }
        const away = () => {
          root.close();
          leave();
        };
        return { root, signal: place.abort.signal, running, leave: away };
      } catch (error) {
        leave();
        throw error;
      }
    },

    async vacate(guest) {
      await leaving.get(guest.id)?.catch(() => {});
      const place = places.get(guest.id);
      if (place && !(await empty(place, VACATE_MS))) {
        throw new GuesthouseError({
          code: 'busy',
          message: `${guest.spec.name} cannot be started while its files are being copied.`,
          subject: guest.spec.name,
          hint: 'Wait for the copy, or cancel it.',
        });
      }
      if (place) await unmount(guest.id, place);
      else if (existsSync(markPath(guest.id))) {
        // An engine was killed in the middle of a visit; without the house nothing of it could be seen.
        await house.ensure();
        await unmountRootfs(house, paths, guest.id);
        await rm(markPath(guest.id), { force: true });
      }
    },

    async evict(guestId) {
      await leaving.get(guestId)?.catch(() => {});
      const place = places.get(guestId);
      if (!place) return;
      place.abort.abort();
      await empty(place, VACATE_MS);
      await unmount(guestId, place);
    },

    async close() {
      for (const { abort } of places.values()) abort.abort();
      for (const [guestId, place] of places) {
        await empty(place, VACATE_MS);
        await unmount(guestId, place).catch((error) => context.log.warn('a root was not left', { error }));
      }
      await Promise.allSettled(leaving.values());
    },
  };
}

/** The root went away in the middle of an act. */
export function gone(guest: GuestRecord): GuesthouseError {
  return new GuesthouseError({
    code: 'wrong-state',
    message: `${guest.spec.name} stopped meanwhile.`,
    subject: guest.spec.name,
    hint: 'Try again: files of a stopped container can be reached too.',
  });
}
