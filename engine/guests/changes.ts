/**
 * Changing a guest after its creation. What it was is on disk before anything is done, so a change is either whole or
 * not at all: taken back when a step fails, and by the next engine when this one is killed in the middle.
 */
import type { ChangePlan, GuestChange } from '../contract/api.ts';
import { type ErrorShape, GuesthouseError } from '../contract/errors.ts';
import type { Guest, GuestSpec } from '../contract/guest.ts';
import type { ImageKind } from '../contract/image.ts';
import type { OperationContext } from '../drivers/driver.ts';
import { Undo } from '../host/undo.ts';
import { memberOf } from '../networks/members.ts';
import { prepareVolumes } from '../volumes/for-guest.ts';
import {
  type ChangedField,
  changedFields,
  given,
  isOfMachine,
  problemsOfChange,
  type Ways,
  waysOf,
} from './changing.ts';
import { isoPathOf } from './check.ts';
import { type Entry, neighbour, shown } from './entry.ts';
import { addressesFor, addressesTaken } from './identity.ts';
import type { BeforeChange, Manifest } from './manifest.ts';
import type { GuestRooms } from './rooms.ts';
import { BY_PERSON } from './runs.ts';
import { requireAwake } from './snapshots/kept-memory.ts';
import { resolveSnapshots } from './snapshots/restoring.ts';

export class Changes {
  readonly #rooms: GuestRooms;

  constructor(rooms: GuestRooms) {
    this.#rooms = rooms;
  }

  async plan(entry: Entry, change: GuestChange): Promise<ChangePlan> {
    const { ways, problems } = await this.#look(entry, change);
    return { ...ways, problems };
  }

  /** Throws the first problem, and `wrong-state` when it would have to be made anew and that was not allowed. */
  async update(entry: Entry, change: GuestChange, recreate: boolean): Promise<Guest> {
    const { spec, ways, problems } = await this.#look(entry, change);
    const [problem] = problems;
    if (problem || spec === null) throw new GuesthouseError(problem?.error as ErrorShape);
    const fields = [...ways.live, ...ways.recreate];
    if (fields.length === 0) return shown(entry);
    if (fields.some(isOfMachine)) requireAwake(entry, 'this change');
    if (ways.recreate.length > 0 && !recreate) throw needsRecreate(entry, ways.recreate);
    const { claims, ledger, turns, runs } = this.#rooms;
    const others = [...ledger.all()].filter((other) => other !== entry).map(neighbour);
    claims.take(spec, others);
    try {
      const verb = ways.recreate.length > 0 ? 'recreate' : 'update';
      const guest = await turns.verb(verb, entry, { cancellable: verb === 'recreate' }, (held, operation) =>
        this.#carryOut(held, spec, ways, operation),
      );
      runs.tell(entry, 'update', { fields: fields.join(',') });
      return guest;
    } finally {
      claims.drop(spec.name);
    }
  }

  /** After a crash in the middle of a change: back to what was, or on from where it was already done. */
  async resolve(entry: Entry): Promise<void> {
    const { before } = entry.manifest;
    const { context, ledger } = this.#rooms;
    await resolveSnapshots(context, ledger, entry);
    if (before === null) return;
    const anew = entry.running !== null && entry.running.startedAt !== before.ran;
    context.log.info(anew ? 'a change was made before the crash' : 'a change is taken back', {
      guest: entry.manifest.id,
    });
    if (anew) return ledger.write(entry, { before: null });
    // The mark stays until all is as it was.
    await ledger.write(entry, { ...recordOf(before), wanted: before.ran === null ? 'stopped' : 'running' });
    if (before.ran === null || entry.running) {
      if (entry.running) await this.#tellRunning(entry, Object.keys(before.spec) as ChangedField[]).catch(() => {});
      await ledger.write(entry, { before: null });
    }
  }

  /** A guest that ran when a change of it was cut off runs again. Never rejects. */
  async startAgain(entry: Entry): Promise<void> {
    const { turns, ledger, runs, context } = this.#rooms;
    await turns
      .verb('recreate', entry, { cancellable: false }, async (held, operation) => {
        ledger.show(held, 'starting');
        await runs.begin(held, operation, BY_PERSON);
      })
      .catch((error) => context.log.error('a guest could not be started again', { guest: entry.manifest.id, error }));
    await ledger.record(entry, { before: null });
  }

  async #look(entry: Entry, asked: GuestChange) {
    const { spec } = entry.manifest;
    const change = given(asked);
    const fields = changedFields(spec, change);
    const { driver, manifest } = entry;
    const wished = { ...spec, ...given(change) } as GuestSpec;
    const ways = waysOf(
      fields,
      entry.running !== null,
      (field) => driver.liveFields?.has(field) === true && driver.needsRestart?.(manifest, field, wished) !== true,
    );
    // By its id: the name may lead to another image by now.
    const draft = { ...spec, image: entry.manifest.imageId };
    const { problems, spec: checked } = await this.#rooms.check({ ...draft, ...change }, entry);
    const own = problemsOfChange(spec, change, this.#imageKind(entry));
    if (problems.length === 0 || own.length > 0) {
      return { ways, problems: own, spec: checked && { ...checked, image: spec.image } };
    }
    // What was wrong before (a folder that is gone) does not stand in the way of changing something else.
    const known = await this.#rooms.check(draft, entry);
    const isNew = problems.filter((one) => !known.problems.some((old) => old.error.message === one.error.message));
    const next = isNew.length === 0 ? { ...spec, ...change } : null;
    return { ways, problems: isNew, spec: next as GuestSpec | null };
  }

  #imageKind({ manifest: { imageId } }: Entry): ImageKind | null {
    return imageId === null ? null : this.#rooms.context.images.get(imageId).kind;
  }

  async #carryOut(entry: Entry, spec: GuestSpec, ways: Ways, operation: OperationContext): Promise<void> {
    const { ledger } = this.#rooms;
    const before: BeforeChange = { ...recordOf(entry.manifest), ran: entry.running?.startedAt ?? null };
    const old = entry.manifest;
    const next = await this.#recordFor(entry, spec);
    await ledger.write(entry, { ...next, before });
    const takeBack = async () => {
      await ledger.record(entry, recordOf(before));
    };
    try {
      const newPlaces = ['mounts', 'tmpfs'].some((field) =>
        [...ways.live, ...ways.recreate].includes(field as ChangedField),
      );
      if (newPlaces) await prepareVolumes(this.#rooms.context, entry.manifest, operation);
      if (ways.recreate.length > 0) await this.#makeAnew(entry, old, operation, takeBack);
      else {
        if (!entry.running) await entry.driver.remake?.(entry.manifest, old.spec, operation);
        await this.#tellRunning(entry, ways.live).catch(async (error) => {
          await takeBack();
          await this.#tellRunning(entry, ways.live).catch(() => {});
          throw error;
        });
      }
    } catch (error) {
      await takeBack();
      throw error;
    } finally {
      await ledger.record(entry, { before: null });
    }
    // Only now: had the change failed, what goes with it would still be there.
    await entry.driver.sweep?.(entry.manifest);
    if (ways.live.includes('restart')) await this.#rooms.runs.reconsider(entry);
    if (ways.live.includes('health')) this.#rooms.health.watch(entry);
  }

  /** Stopped, and started with the same data; or as it was. */
  async #makeAnew(
    entry: Entry,
    old: Manifest,
    operation: OperationContext,
    takeBack: () => Promise<void>,
  ): Promise<void> {
    const { ledger, runs, context } = this.#rooms;
    operation.progress({ step: 'Stopping', fraction: null });
    // As it was started, not as it shall be: a new stop signal is for the new program.
    await entry.driver.stop(old, old.spec.stopGraceMs, operation);
    await runs.settle(entry, null, true);
    await entry.cleanup;
    ledger.show(entry, 'starting');
    const undo = new Undo();
    try {
      operation.signal.throwIfAborted();
      operation.progress({ step: 'Starting', fraction: null });
      await entry.driver.remake?.(entry.manifest, old.spec, { ...operation, undo });
      await runs.begin(entry, { ...operation, undo }, BY_PERSON);
    } catch (error) {
      await undo.rollback((what, failure) => context.log.error(`could not take back: ${what}`, { error: failure }));
      await takeBack();
      operation.progress({ step: 'Taking it back', fraction: null });
      const again: OperationContext = { signal: new AbortController().signal, undo: new Undo(), progress() {} };
      await runs.begin(entry, again, { restarts: old.restarts, waitMs: old.waitMs }).catch(async (failure) => {
        await again.undo.rollback((what, lost) => context.log.error(`could not take back: ${what}`, { error: lost }));
        throw failure;
      });
      throw error;
    }
  }

  /** What runs now is told of what concerns it. */
  async #tellRunning(entry: Entry, fields: readonly ChangedField[]): Promise<void> {
    if (!entry.running) return;
    const { manifest, driver } = entry;
    const { spec } = manifest;
    const member = memberOf(manifest);
    if (fields.includes('ports') && member) await this.#rooms.context.house.publish(member);
    const told = fields.filter((field) => driver.liveFields?.has(field));
    if (told.length > 0) await driver.update?.(manifest, Object.fromEntries(told.map((field) => [field, spec[field]])));
  }

  /** Everything that follows from the new spec. */
  async #recordFor(entry: Entry, spec: GuestSpec): Promise<Omit<BeforeChange, 'ran'>> {
    const { manifest } = entry;
    const { images, networks } = this.#rooms.context;
    const others = [...this.#rooms.ledger.all()].map((other) => other.manifest);
    const taken = addressesTaken([...others, ...this.#rooms.claims.addresses()]);
    const isSamePlace =
      [spec.network, ...spec.moreNetworks].join(' ') ===
      [manifest.spec.network, ...manifest.spec.moreNetworks].join(' ');
    const addresses = isSamePlace
      ? manifest.addresses
      : addressesFor(manifest.id, spec, networks, taken, manifest.addresses);
    if (!isSamePlace && addresses) this.#rooms.claims.hold(spec.name, addresses);
    const image = manifest.imageId === null ? null : images.get(manifest.imageId);
    return {
      spec,
      ports: spec.ports,
      address: isSamePlace ? manifest.address : (addresses?.[0]?.v4 ?? null),
      ...(addresses ? { addresses } : {}),
      isoPath: spec.iso === manifest.spec.iso ? manifest.isoPath : await isoPathOf(spec.iso, image, images),
    };
  }
}

function recordOf(manifest: Omit<BeforeChange, 'ran'>): Omit<BeforeChange, 'ran'> {
  const { spec, ports, address, addresses, isoPath } = manifest;
  return { spec, ports, address, ...(addresses ? { addresses } : {}), isoPath };
}

function needsRecreate({ manifest, driver }: Entry, fields: readonly ChangedField[]): GuesthouseError {
  const ranges = fields.flatMap((field) => driver.liveRange?.(manifest, field) ?? []);
  return new GuesthouseError({
    code: 'wrong-state',
    message: `${manifest.spec.name} has to be made anew for this change.`,
    subject: manifest.spec.name,
    cause: [`${fields.join(', ')} cannot change so while it runs.`, ...ranges].join(' '),
    hint: 'Ask for it to be made anew with the same data (`--recreate`), or stop it first.',
  });
}
