/** At engine start: reads every guest, finishes or undoes what a crash left half done, and meets running ones again. */
import { rm, rmdir } from 'node:fs/promises';
import { toErrorShape } from '../contract/errors.ts';
import type { Isolation } from '../contract/guest.ts';
import type { Driver } from '../drivers/driver.ts';
import type { RecordEvent } from '../events/event-log.ts';
import { removeTemporaries } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { guestFolder, type Paths } from '../host/paths.ts';
import { bootId } from '../host/process-ref.ts';
import type { House } from '../networks/house.ts';
import { memberOf } from '../networks/members.ts';
import { type Entry, newEntry } from './entry.ts';
import type { Guests } from './guests.ts';
import { readManifests } from './manifest.ts';
import { writeManifest } from './manifest-write.ts';
import { endOf } from './runs.ts';
import { standing } from './standing.ts';

export interface RecoverContext {
  readonly paths: Paths;
  readonly log: Log;
  driverFor(isolation: Isolation): Promise<Driver>;
  onUp(entry: Entry): Promise<void>;
  readonly record: RecordEvent;
}

/** Answers the guests whose state is not known, for the doctor. Nothing damaged is ever deleted. */
export function recover(guests: Guests, context: RecoverContext): Promise<{ id: string; reason: string }[]> {
  return guests.meet(recoverAll(guests, context));
}

async function recoverAll(guests: Guests, context: RecoverContext): Promise<{ id: string; reason: string }[]> {
  const unreadable: { id: string; reason: string }[] = [];
  const found = readManifests(context.paths);
  await Promise.all(
    found.map(async (one) => {
      if ('unreadable' in one) {
        // An empty folder is a creation that was cut off before its first byte.
        const removed = one.unreadable === 'it has no guest.json' && (await removeIfEmpty(context.paths, one.id));
        if (!removed) unreadable.push({ id: one.id, reason: one.unreadable });
        return;
      }
      const entry = newEntry(one.manifest, await context.driverFor(one.manifest.spec.isolation), 'stopped');
      if (one.manifest.trashed && one.manifest.mark === 'ready') return guests.trash.admit(entry);
      try {
        await recoverOne(entry, guests, context);
      } catch (error) {
        // It stays in the list, so that its name, its image and its data are not taken for nobody's.
        context.log.error('could not recover a guest', { guest: one.id, error });
        entry.state = 'failed';
        entry.manifest = { ...entry.manifest, failure: toErrorShape(error) };
        guests.keep(entry);
        unreadable.push({ id: one.id, reason: toErrorShape(error).message });
      }
    }),
  );
  return unreadable;
}

async function recoverOne(entry: Entry, guests: Guests, context: RecoverContext): Promise<void> {
  const { manifest, driver } = entry;
  if (manifest.mark !== 'ready') {
    context.log.info(`finishing what a crash left: ${manifest.mark}`, { guest: manifest.id });
    return sweep(entry, context);
  }
  entry.running = await driver.adopt(manifest);
  if (entry.running) {
    if (entry.running.paused && manifest.heldStill) await goOn(entry, context);
    entry.state = entry.running.paused ? 'paused' : 'running';
    await guests.admit(entry);
    await context.onUp(entry);
    return;
  }
  // It ended while nobody looked (or the start was cut off): learn how, clean up, record it.
  const reaped = manifest.wanted === 'running' || manifest.before !== null ? await driver.reap(manifest) : null;
  const { exit, failure, waitMs, isNews } = standing(manifest, reaped, bootId());
  const wanted = waitMs === null ? 'stopped' : 'running';
  entry.manifest = { ...manifest, exit, failure, wanted, ...(isNews ? { waitMs: waitMs ?? 0 } : {}) };
  if (isNews && exit) tell(entry, 'die', exit.at, endOf(exit), context);
  // What was being changed when it ended was not its own end.
  if (manifest.spec.disposable && manifest.before === null && (isNews || exit || failure)) {
    await sweep(entry, context);
    return tell(entry, 'remove', Date.now(), {}, context);
  }
  if (isNews || wanted !== manifest.wanted) await writeManifest(context.paths, entry.manifest);
  entry.state = failure ? 'failed' : 'stopped';
  await guests.admit(entry, { waitMs });
}

/** It stood still for a copy that will not be made any more. */
async function goOn(entry: Entry, { log, paths }: RecoverContext): Promise<void> {
  const { manifest, driver, running } = entry;
  try {
    await driver.resume(manifest);
    if (running) entry.running = { ...running, paused: false };
    entry.manifest = { ...manifest, heldStill: false };
    await writeManifest(paths, entry.manifest);
  } catch (error) {
    log.error('a guest that stood still could not go on', { guest: manifest.id, error });
  }
}

async function sweep({ manifest, driver }: Entry, { paths }: RecoverContext): Promise<void> {
  await driver.remove(manifest);
  await rm(guestFolder(paths, manifest.id), { recursive: true, force: true });
}

function tell(
  { manifest }: Entry,
  action: string,
  at: number,
  attributes: Record<string, string>,
  { record }: RecoverContext,
): void {
  record({ at, type: 'guest', action, id: manifest.id, name: manifest.spec.name, attributes });
}

async function removeIfEmpty(paths: Paths, id: string): Promise<boolean> {
  await removeTemporaries(guestFolder(paths, id));
  return rmdir(guestFolder(paths, id)).then(
    () => true,
    () => false,
  );
}

/** Should the uplink have died while nobody looked, the ports of guests that went on running are opened again. */
export async function reopenPorts(guests: Guests, house: House, log: Log): Promise<void> {
  for (const { manifest, running } of guests.entries()) {
    const member = memberOf(manifest);
    if (!running || member === null || member.ports.length === 0) continue;
    const { id } = manifest;
    try {
      await house.ensure();
      await house.publish(member);
    } catch (error) {
      log.warn('a port could not be opened again', { guest: id, error });
      guests.note(id, `Its ports could not be opened again: ${(error as Error).message}`);
    }
  }
}
