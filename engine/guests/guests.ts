/**
 * The life of guests, blind to how they run: one operation at a time per guest, intent on disk before the deed,
 * everything taken back when a step fails.
 */
import { mkdir, rm } from 'node:fs/promises';
import type { DraftCheck, GuestDraft } from '../contract/api.ts';
import { type ErrorShape, GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Guest, GuestExit, GuestState } from '../contract/guest.ts';
import type { OperationVerb } from '../contract/operation.ts';
import type { OperationContext } from '../drivers/driver.ts';
import { syncFolder } from '../host/files.ts';
import { guestFolder } from '../host/paths.ts';
import { checkDraft, isoPathOf } from './check.ts';
import { Claims } from './claims.ts';
import type { GuestsContext } from './context.ts';
import { type Entry, newEntry, shown, unknownGuest } from './entry.ts';
import { newGuestId } from './identity.ts';
import { type Manifest, newManifest, writeManifest } from './manifest.ts';
import { afterFailure, failureOf } from './outcome.ts';
import { assertAllowed, busy, type GuestVerb, stateDuring } from './state.ts';

/** What a stop waits for the guest's own shutdown before it kills (ms). */
export const DEFAULT_GRACE_MS = 10_000;
/** A machine's own words are among them: without a limit it could fill our memory with them. */
const MAX_NOTES = 20;

export class Guests {
  readonly #entries = new Map<string, Entry>();
  readonly #claims = new Claims();
  readonly #context: GuestsContext;

  constructor(context: GuestsContext) {
    this.#context = context;
  }

  list(): Guest[] {
    return [...this.#entries.values()].map(shown).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Throws `not-found`. */
  inspect(ref: string): Guest {
    return shown(this.entry(ref));
  }

  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** By id or name. Throws `not-found`. */
  entry(ref: string): Entry {
    const found = this.#entries.get(ref) ?? [...this.#entries.values()].find((e) => e.manifest.spec.name === ref);
    if (found) return found;
    throw unknownGuest(ref);
  }

  /** Puts a guest read from disk into the list (see recover.ts). */
  admit(entry: Entry): void {
    this.#entries.set(entry.manifest.id, entry);
  }

  async check(draft: GuestDraft): Promise<DraftCheck> {
    return checkDraft(draft, {
      images: this.#context.images,
      driverFor: this.#context.driverFor,
      guests: this.list(),
      claimed: this.#claims.ports(),
    });
  }

  async create(draft: GuestDraft): Promise<Guest> {
    const { problems, spec } = await this.check(draft);
    if (spec === null) throw new GuesthouseError(problems[0]?.error as ErrorShape);
    this.#claims.take(spec, this.list());
    const { operations, paths, images } = this.#context;
    const driver = this.#context.driverFor(spec.isolation);
    const id = newGuestId(new Set(this.#entries.keys()));
    try {
      const image = spec.image === null ? null : images.get(spec.image);
      const takenAddresses = new Set([...this.#entries.values()].flatMap((e) => e.manifest.address ?? []));
      const isoPath = await isoPathOf(spec.iso, image, images);
      const manifest = newManifest({ id, spec, image, isoPath, takenAddresses });
      const entry = newEntry(manifest, driver, 'creating');
      return await this.#hold(entry, 'create', () =>
        operations.run({ verb: 'create', targetId: id, target: spec.name, cancellable: true }, async (operation) => {
          operation.undo.defer('the new guest', () => this.#unmake(entry));
          await mkdir(guestFolder(paths, id), { recursive: true, mode: 0o700 });
          await writeManifest(paths, manifest);
          this.#entries.set(id, entry);
          this.#changed(entry);
          // From here on the image counts as used; should it have been removed just before, this says so.
          if (manifest.imageId !== null) images.get(manifest.imageId);
          await driver.create(manifest, operation);
          operation.signal.throwIfAborted();
          await this.#write(entry, { mark: 'ready' });
          entry.state = 'stopped';
          return shown(entry);
        }),
      );
    } finally {
      this.#claims.drop(spec.name);
    }
  }

  /** Takes a half-made guest back. What cannot be taken back stays in the list, marked, and can be removed later. */
  async #unmake(entry: Entry): Promise<void> {
    try {
      await entry.driver.remove(entry.manifest);
      await rm(guestFolder(this.#context.paths, entry.manifest.id), { recursive: true, force: true });
      this.#drop(entry);
    } catch (error) {
      entry.state = 'failed';
      entry.manifest = { ...entry.manifest, failure: toErrorShape(error) };
      throw error;
    }
  }

  start(ref: string): Promise<Guest> {
    return this.#verb('start', ref, true, (entry, operation) => this.#start(entry, operation));
  }

  stop(ref: string, graceMs = DEFAULT_GRACE_MS): Promise<Guest> {
    return this.#verb('stop', ref, false, (entry, operation) => this.#stop(entry, graceMs, operation));
  }

  restart(ref: string, graceMs = DEFAULT_GRACE_MS): Promise<Guest> {
    return this.#verb('restart', ref, false, async (entry, operation) => {
      if (entry.running) await this.#stop(entry, graceMs, operation);
      this.#show(entry, 'starting');
      await this.#start(entry, operation);
    });
  }

  pause(ref: string): Promise<Guest> {
    return this.#verb('pause', ref, false, async (entry) => {
      await entry.driver.pause(entry.manifest);
      this.#paused(entry, true);
    });
  }

  resume(ref: string): Promise<Guest> {
    return this.#verb('resume', ref, false, async (entry) => {
      await entry.driver.resume(entry.manifest);
      this.#paused(entry, false);
    });
  }

  /** Kill is for when nothing else helps: it first gives up whatever holds the guest. */
  async kill(ref: string): Promise<Guest> {
    const entry = this.entry(ref);
    assertAllowed('kill', { name: entry.manifest.spec.name, state: entry.state });
    this.#context.operations.cancelTarget(entry.manifest.id);
    // A cancelled start takes itself back and leaves nothing to kill; a stop in progress is overtaken by the kill.
    if (entry.holder?.verb === 'start') {
      await entry.holder.done;
      if (!entry.running) return shown(entry);
    } else if (entry.holder) {
      await entry.driver.kill(entry.manifest);
      await entry.holder.done;
      return shown(entry);
    }
    return this.#verb('kill', ref, false, async (held) => {
      await this.#record(held, { wanted: 'stopped' });
      await held.driver.kill(held.manifest);
      await this.#settle(held, null);
    });
  }

  async remove(ref: string, force = false): Promise<void> {
    const entry = this.entry(ref);
    if (force && entry.state !== 'stopped' && entry.state !== 'failed') {
      this.#context.operations.cancelTarget(entry.manifest.id);
      await entry.holder?.done;
      if (!this.#entries.has(entry.manifest.id)) return;
      if (entry.running) await this.kill(entry.manifest.id);
    }
    await this.#verb('remove', entry.manifest.id, false, async (held) => {
      const { paths } = this.#context;
      await this.#record(held, { mark: 'deleting' });
      await held.driver.remove(held.manifest);
      await rm(guestFolder(paths, held.manifest.id), { recursive: true, force: true });
      await syncFolder(paths.guests);
      this.#drop(held);
    });
  }

  /** The driver says a running guest ended without us asking. */
  async exited(id: string, exit: GuestExit, startedAt: number): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) return;
    // Whoever holds the guest (a start that is finishing, a stop that is waiting) goes first.
    while (entry.holder) await entry.holder.done;
    // A restart may have put a new run in the place of the one that ended.
    if (entry.running?.startedAt === startedAt) await this.#settle(entry, exit);
  }

  pausedByItself(id: string, paused: boolean): void {
    const entry = this.#entries.get(id);
    if (entry?.running && !entry.holder) this.#paused(entry, paused);
  }

  /** Resolves when nothing is being cleaned up any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => entry.cleanup));
  }

  note(id: string, note: string): void {
    const entry = this.#entries.get(id);
    if (!entry || entry.notes.length >= MAX_NOTES || entry.notes.includes(note)) return;
    entry.notes.push(note);
    this.#changed(entry);
  }

  async #start(entry: Entry, operation: OperationContext): Promise<void> {
    entry.notes = [];
    await this.#write(entry, { wanted: 'running', failure: null, exit: null });
    const began = performance.now();
    entry.running = await entry.driver.start(entry.manifest, operation);
    operation.undo.commit();
    const { isolation } = entry.manifest.spec;
    const started = () => this.#context.costs.add(isolation, 'startMs', performance.now() - began);
    // One that never answers costs nothing that could be told.
    void (entry.running.up ?? Promise.resolve()).then(started);
    await this.#context.onUp(entry);
    entry.state = entry.running.paused ? 'paused' : 'running';
  }

  async #stop(entry: Entry, graceMs: number, operation: OperationContext): Promise<void> {
    await this.#record(entry, { wanted: 'stopped' });
    await entry.driver.stop(entry.manifest, graceMs, operation);
    await this.#settle(entry, null);
  }

  /**
   * The guest is down: learn how it ended, record it, clean up. Who was told how it ended need not wait for the
   * cleaning up, so neither does whoever waits for the guest.
   */
  async #settle(entry: Entry, exit: GuestExit | null): Promise<void> {
    const reaping = entry.driver.reap(entry.manifest).catch((error) => {
      this.#context.log.error('could not clean up after a guest', { guest: entry.manifest.id, error });
      return null;
    });
    entry.cleanup = reaping.finally(() => {
      entry.cleanup = null;
    });
    const reaped = exit ? null : await reaping;
    const known = exit ?? reaped ?? { code: null, signal: null, outOfMemory: false, at: Date.now() };
    entry.running = null;
    const failure = failureOf(known, entry.manifest.spec);
    entry.state = failure ? 'failed' : 'stopped';
    await this.#record(entry, { exit: known, failure, wanted: 'stopped' });
    this.#changed(entry);
  }

  /** Runs one verb on one guest: refused while another holds it; a failure leaves the guest in a true state. */
  async #verb(
    verb: Exclude<GuestVerb, 'exec'> & OperationVerb,
    ref: string,
    cancellable: boolean,
    act: (entry: Entry, operation: OperationContext) => Promise<void>,
  ): Promise<Guest> {
    const entry = this.entry(ref);
    const { name } = entry.manifest.spec;
    if (entry.holder) {
      throw busy(name, entry.holder.verb);
    }
    assertAllowed(verb, { name, state: entry.state });
    const before = entry.state;
    const cleaned = entry.cleanup;
    await this.#hold(entry, verb, async () => {
      try {
        await this.#context.operations.run(
          { verb, targetId: entry.manifest.id, target: name, cancellable },
          async (operation) => {
            this.#show(entry, stateDuring(verb, before));
            await cleaned;
            await act(entry, operation);
          },
        );
      } catch (error) {
        await this.#failed(entry, verb, before, toErrorShape(error));
        throw error;
      }
    });
    return shown(entry);
  }

  /** The guest is held until all of `act` is over, also what a failure leads to; only then the next one may have it. */
  async #hold<T>(entry: Entry, verb: string, act: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    entry.holder = { verb, done: promise };
    try {
      return await act();
    } finally {
      entry.holder = null;
      if (this.#entries.has(entry.manifest.id)) this.#changed(entry);
      resolve();
    }
  }

  async #failed(entry: Entry, verb: string, before: GuestState, error: ErrorShape): Promise<void> {
    if (entry.running) {
      entry.state = entry.running.paused ? 'paused' : 'running';
      return;
    }
    const { state, blame } = afterFailure(verb, before, error.code);
    const failure = blame ? error : state === 'failed' ? entry.manifest.failure : null;
    entry.state = state;
    await this.#record(entry, { wanted: 'stopped', failure });
  }

  async #write(entry: Entry, change: Partial<Manifest>): Promise<void> {
    const next = { ...entry.manifest, ...change };
    await writeManifest(this.#context.paths, next);
    entry.manifest = next;
  }

  /** For what must go on although the disk is full: ending and removing guests is how it gets emptier. */
  async #record(entry: Entry, change: Partial<Manifest>): Promise<void> {
    await this.#write(entry, change).catch((error) => {
      this.#context.log.error('could not record a change', { guest: entry.manifest.id, error });
      entry.manifest = { ...entry.manifest, ...change };
    });
  }

  #show(entry: Entry, state: GuestState): void {
    entry.state = state;
    this.#changed(entry);
  }

  #paused(entry: Entry, paused: boolean): void {
    if (entry.running) entry.running = { ...entry.running, paused };
    this.#show(entry, paused ? 'paused' : 'running');
  }

  #changed(entry: Entry): void {
    this.#context.onChange(shown(entry));
  }

  #drop(entry: Entry): void {
    if (this.#entries.delete(entry.manifest.id)) this.#context.onRemoved(entry.manifest.id);
  }
}
