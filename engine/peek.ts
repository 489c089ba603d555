/**
 * The guests of a home that nobody owns, read instead of taken over: nothing is watched, cleaned up or written. Opening an
 * engine costs most of a second with a thousand guests, and most of what it learns is not asked for by a list.
 */
import { join } from 'node:path';
import type { Guest, HealthCheck } from './contract/guest.ts';
import type { Running } from './drivers/driver.ts';
import { describeRun } from './drivers/oci/describe.ts';
import { isRunning, readRunRecord } from './drivers/oci/run-record.ts';
import { byName } from './guests/by-name.ts';
import { shown } from './guests/entry.ts';
import { type Manifest, readManifests } from './guests/manifest.ts';
import { needsKeeping } from './guests/policy.ts';
import { standing } from './guests/standing.ts';
import { readdirSync, readFileSync } from './host/lean.ts';
import { tryLock } from './host/lock.ts';
import { guestRunFolder, type Paths } from './host/paths.ts';
import { bootId } from './host/process-ref.ts';

/** By name. Null: somebody owns the home, or something is to be done for a guest, so an engine has to look. */
export function peekGuests(paths: Paths): Guest[] | null {
  // As its owner for this moment: nobody changes anything meanwhile.
  const lock = tryLock(paths.lockDb);
  if (lock === null) return null;
  try {
    const checks = new Map<string | null, boolean>();
    const guests: Guest[] = [];
    for (const found of readManifests(paths)) {
      if ('manifest' in found && found.manifest.trashed && found.manifest.mark === 'ready') continue;
      const guest = 'manifest' in found ? peek(found.manifest, paths, checks) : null;
      if (guest === null) return null;
      guests.push(guest);
    }
    if (
      isLittered(
        paths,
        guests.some(({ startedAt }) => startedAt !== null),
      )
    )
      return null;
    return guests.sort(byName);
  } finally {
    lock.release();
  }
}

/** What a killed engine left, which the next one clears away: a house nobody lives in, an open disk, half an image. */
function isLittered({ run, images }: Paths, isLivedIn: boolean): boolean {
  const isLeft = (name: string) => name.endsWith('.r') || (!isLivedIn && name.startsWith('house'));
  return namesIn(run).some(isLeft) || namesIn(join(images, 'work')).length > 0;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Null where an engine would do anything: finish what was begun, record an end, start anew, watch. See recover.ts. */
function peek(manifest: Manifest, paths: Paths, checks: Map<string | null, boolean>): Guest | null {
  if (manifest.mark !== 'ready' || manifest.before !== null || manifest.heldStill) return null;
  const running = runOf(manifest, paths);
  if (running === 'unknown') return null;
  if (running) {
    const { spec, imageId } = manifest;
    if (!checks.has(imageId)) checks.set(imageId, imageId !== null && mayBeChecked(imageId, paths));
    const isChecked = spec.health !== null ? spec.health.command.length > 0 : checks.get(imageId) === true;
    if (needsKeeping(spec, isChecked)) return null;
  } else if (manifest.wanted === 'running' || standing(manifest, null, bootId()).waitMs !== null) return null;
  const state = running ? (running.paused ? 'paused' : 'running') : manifest.failure ? 'failed' : 'stopped';
  return shown({
    manifest,
    driver: {},
    running,
    state,
    holder: null,
    cleanup: null,
    notes: [],
    retry: null,
    health: null,
  });
}

/** Machines have to be asked, also for what else opened their disks. */
function runOf(manifest: Manifest, paths: Paths): Running | 'unknown' | null {
  const folder = guestRunFolder(paths, manifest.id);
  if (manifest.spec.isolation !== 'container')
    return manifest.wanted === 'running' || namesIn(folder).length > 0 ? 'unknown' : null;
  const record = readRunRecord(folder);
  if (record === null || !isRunning(record)) return null;
  return manifest.wanted === 'running' ? describeRun(record) : 'unknown';
}

/** Whether its image has a health check of its own, or cannot be read. */
function mayBeChecked(imageId: string, paths: Paths): boolean {
  try {
    const path = join(paths.images, 'images', imageId.slice('sha256:'.length), 'image.json');
    const { config } = JSON.parse(readFileSync(path, 'utf8')) as { config: { health?: HealthCheck | null } | null };
    return config?.health != null;
  } catch {
    return true;
  }
}
