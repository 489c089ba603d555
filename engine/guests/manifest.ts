/** guest.json: the truth about one guest, written atomically. Losing any other file loses history, never a guest. */
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestExit } from '../contract/guest.ts';
import type { SnapshotSchedule } from '../contract/snapshot.ts';
import type { GuestRecord } from '../drivers/driver.ts';
import { readdirSync, readFileSync } from '../host/lean.ts';
import { guestFolder, type Paths } from '../host/paths.ts';
import { RUN_DEFAULTS } from './run-defaults.ts';

/** 2: run options, networks by name. */
export const MANIFEST_VERSION = 2;

export interface Manifest extends GuestRecord {
  readonly version: number;
  /** Name of the image when it was made, for showing; the id is what counts. */
  readonly imageName: string | null;
  readonly createdAt: number;
  /** `creating` and `deleting` are the marks a crash leaves; recovery finishes or undoes them. */
  readonly mark: 'creating' | 'ready' | 'deleting';
  /** What was asked last; on disk before it is done. */
  readonly wanted: 'running' | 'stopped';
  /** When its last run began. */
  readonly startedAt: number | null;
  /** The life of the host in which it was last started or stopped; null: it never ran. */
  readonly bootId: string | null;
  /** Starts by its restart policy since a person last started it. */
  readonly restarts: number;
  /** The restart policy's last wait (ms); 0: none. */
  readonly waitMs: number;
  /** It stands still while it is copied, and goes on afterwards. Left out: false. */
  readonly heldStill?: boolean;
  /** The snapshot it stands on. Left out: none. */
  readonly snapshot?: string | null;
  /** It is being made what it was in this snapshot: what a crash in the middle carries on. Left out: no. */
  readonly restoring?: string | null;
  /** Its memory is kept, and it goes on there when it starts. Left out: no. */
  readonly suspended?: { readonly at: number } | null;
  /** Snapshots are taken by themselves. Left out: no. */
  readonly schedule?: (SnapshotSchedule & { readonly since: number }) | null;
  /** It was removed and can still be had back. Left out: no. */
  readonly trashed?: { readonly at: number } | null;
  /** What it was before the change that is being made now: what a crash in the middle goes back to. */
  readonly before: BeforeChange | null;
  readonly exit: GuestExit | null;
  readonly failure: ErrorShape | null;
}

/** What a change may touch, as it was; `ran`: the run at that time, by its beginning. */
export type BeforeChange = Pick<Manifest, 'spec' | 'ports' | 'address' | 'addresses' | 'isoPath'> & {
  readonly ran: number | null;
};

export type ManifestFound =
  | { readonly id: string; readonly manifest: Manifest }
  /** The folder is ours, its guest.json is missing, damaged or from a newer version. Never deleted by us. */
  | { readonly id: string; readonly unreadable: string };

/** A life that has not begun. */
export const NEVER_RAN = { startedAt: null, bootId: null, restarts: 0, waitMs: 0, before: null } as const;

/** What an older version did not know of is as it was then. */
function completed(manifest: Manifest): Manifest {
  return { ...NEVER_RAN, ...manifest, version: MANIFEST_VERSION, spec: { ...RUN_DEFAULTS, ...manifest.spec } };
}

/**
 * Every guest folder of the home; order is not defined. Read before anybody is served, so without leaving the thread: a
 * thousand small files take a fifth of the time that way.
 */
export function readManifests(paths: Paths): ManifestFound[] {
  return guestIds(paths).map((id) => readManifest(paths, id));
}

function guestIds(paths: Paths): string[] {
  try {
    const entries = readdirSync(paths.guests, { withFileTypes: true });
    return entries.filter((one) => one.isDirectory() && /^[0-9a-f]{12}$/.test(one.name)).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Where it is kept. */
export function manifestPath(paths: Paths, id: string): string {
  return `${guestFolder(paths, id)}/guest.json`;
}

function readManifest(paths: Paths, id: string): ManifestFound {
  try {
    const manifest = JSON.parse(readFileSync(manifestPath(paths, id), 'utf8')) as Manifest;
    if (manifest.version > MANIFEST_VERSION) return { id, unreadable: 'it was written by a newer Guesthouse' };
    if (manifest.id !== id || typeof manifest.spec?.name !== 'string') {
      return { id, unreadable: 'its guest.json is not about it' };
    }
    return { id, manifest: completed(manifest) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { id, unreadable: 'it has no guest.json' };
    return { id, unreadable: `its guest.json is damaged (${message})` };
  }
}
