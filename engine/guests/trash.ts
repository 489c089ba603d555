/**
 * Removed guests that can still be had back (decisions/0030): a mark in guest.json, so nothing is moved and one write is
 * all there is to be cut off by a kill. They are in no list, and hold nothing but their data.
 */
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import type { Trash as Shown, TrashedGuest } from '../contract/trash.ts';
import { isSpaceError, runsShort } from '../host/space.ts';
import { askedBy } from './asking.ts';
import { type Entry, openedDisks, shown, unknownGuest } from './entry.ts';
import { putBack } from './put-back.ts';
import { destroy } from './removing.ts';
import type { GuestRooms } from './rooms.ts';
import { busy } from './state.ts';
import { DAY_MS, readKeepDays, writeKeepDays } from './trash-days.ts';

/** How often it is looked whether anything is to go by itself (ms). */
const LOOK_MS = 60_000;

export class Trash {
  readonly #entries = new Map<string, Entry>();
  readonly #rooms: () => GuestRooms;
  readonly #file: string;
  #keepDays: number;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #closed = false;

  constructor(home: string, rooms: () => GuestRooms) {
    this.#rooms = rooms;
    this.#file = join(home, 'trash.json');
    this.#keepDays = readKeepDays(this.#file);
  }

  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  list(): Shown {
    const guests = [...this.#entries.values()].map((entry) => this.#shown(entry));
    return { keepDays: this.#keepDays, guests: guests.sort((a, b) => b.removedAt - a.removedAt) };
  }

  /** One that was met on disk with the mark. */
  admit(entry: Entry): void {
    this.#entries.set(entry.manifest.id, entry);
  }

  /** Whether it is in the trash now. Not what was never whole, nor what was to go with its end, nor on a full disk. */
  async take(entry: Entry): Promise<boolean> {
    const { manifest, driver } = entry;
    if (this.#keepDays === 0 || manifest.mark !== 'ready' || manifest.spec.disposable) return false;
    if (openedDisks(entry)) await driver.rescue?.close(manifest);
    const { ledger } = this.#rooms();
    try {
      await ledger.write(entry, { trashed: { at: Date.now() } });
    } catch (error) {
      // It was to go, and going is how the disk gets emptier.
      if (isSpaceError(error) || (error as { code?: string }).code === 'resources') return false;
      throw error;
    }
    this.#entries.set(manifest.id, entry);
    return true;
  }

  /** Throws `not-found`, `busy` while it is going for good, and `conflict` when the name is taken. */
  async restore(ref: string, name?: string): Promise<Guest> {
    const entry = this.#find(ref);
    const rooms = this.#rooms();
    if (entry.holder || entry.manifest.mark === 'deleting') throw busy(entry.manifest.spec.name, 'remove');
    await rooms.turns.hold(entry, 'restore', async () => {
      await putBack(rooms, entry, name);
      this.#entries.delete(entry.manifest.id);
      rooms.ledger.put(entry);
    });
    rooms.runs.tell(entry, 'put-back', {});
    return shown(entry);
  }

  /** Answers the names of those that went. Throws `not-found`, and what went wrong when one could not go. */
  async empty(refs?: readonly string[]): Promise<string[]> {
    const chosen = refs ? refs.map((ref) => this.#find(ref)) : [...this.#entries.values()];
    const removed: string[] = [];
    for (const entry of chosen) if (await this.#destroy(entry)) removed.push(entry.manifest.spec.name);
    return removed;
  }

  async keep(days: number): Promise<Shown> {
    await writeKeepDays(this.#file, days);
    this.#keepDays = days;
    return this.list();
  }

  /** Lets go by itself what has been here long enough, or stands in the way of a disk that runs short. */
  look(isShort = runsShort): Promise<void> {
    this.#looking ??= askedBy({ by: 'engine' }, () => this.#look(isShort)).finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Looks now and, when the engine stays, again and again. */
  begin(stays: boolean): void {
    if (this.#entries.size > 0) void this.look();
    if (!stays) return;
    this.#timer = setInterval(() => this.#entries.size > 0 && void this.look(), LOOK_MS);
    this.#timer.unref();
  }

  /** What has begun to go goes; the rest stays for the next engine. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(isShort: typeof runsShort): Promise<void> {
    const { context } = this.#rooms();
    for (const entry of [...this.#entries.values()].sort((a, b) => at(a) - at(b))) {
      const isDue = this.#shown(entry).keptUntil <= Date.now();
      // What was removed a moment ago may still be wanted back.
      const isOld = at(entry) + LOOK_MS <= Date.now();
      if (!isDue && !(isOld && (await isShort(context.paths.home).catch(() => false)))) continue;
      await this.#destroy(entry).catch((error) =>
        context.log.error('a guest could not leave the trash', { guest: entry.manifest.id, error }),
      );
    }
  }

  /** False: somebody else takes it away, or has put it back, or the engine closes. */
  async #destroy(entry: Entry): Promise<boolean> {
    const { context, ledger, turns, runs } = this.#rooms();
    const { id, spec } = entry.manifest;
    if (this.#closed || entry.holder || this.#entries.get(id) !== entry) return false;
    const wish = { verb: 'remove', targetId: id, target: spec.name, cancellable: false } as const;
    await turns.hold(entry, 'remove', () =>
      context.operations.run(wish, async () => {
        await destroy(context, ledger, entry);
        this.#entries.delete(id);
        context.onForgotten(id);
      }),
    );
    runs.tell(entry, 'empty', {});
    return true;
  }

  #find(ref: string): Entry {
    const found = this.#entries.get(ref);
    const named = this.list().guests.find(({ name }) => name === ref);
    const entry = found ?? (named && this.#entries.get(named.id));
    if (entry) return entry;
    const { code, message, subject } = unknownGuest(ref);
    throw new GuesthouseError({
      code,
      message: message.replace(/\.$/, ' in the trash.'),
      ...(subject ? { subject } : {}),
      hint: 'See `guesthouse trash ls`.',
    });
  }

  #shown(entry: Entry): TrashedGuest {
    const { id, spec, imageName } = entry.manifest;
    const { name, isolation } = spec;
    const removedAt = at(entry);
    return { id, name, isolation, image: imageName, removedAt, keptUntil: removedAt + this.#keepDays * DAY_MS };
  }
}

const at = ({ manifest }: Entry): number => manifest.trashed?.at ?? 0;
