/** Whether the shared folders of a running machine can change. See decisions/0038-folders-that-come-and-go.md. Pure. */
import { posix } from 'node:path';
import type { GuestSpec } from '../../contract/guest.ts';
import type { RunRecord } from './run-record.ts';

type FolderRun = Pick<Partial<RunRecord>, 'shares' | 'sharedMemory'>;

/** Why they cannot, as a sentence; null: they can. */
export function foldersStay({ isolation }: Pick<GuestSpec, 'isolation'>, run: FolderRun): string | null {
  if (isolation === 'microvm') return 'Nothing comes to a microVM, or goes from it, while it runs.';
  if (run.shares !== undefined && run.sharedMemory === true) return null;
  return 'Its memory is not shared with programs of the host: it was started without a folder. Started with one, or with --shared-memory, folders come and go as it runs.';
}

/** A folder that comes to a place above another one would cover that. */
export function coversAnother(before: Pick<GuestSpec, 'mounts'>, next: Pick<GuestSpec, 'mounts'>): boolean {
  const places = before.mounts.map(({ target }) => plain(target));
  return next.mounts.some(({ target, source, readOnly }) => {
    const isNew = !before.mounts.some(
      (old) => old.target === target && old.source === source && old.readOnly === readOnly,
    );
    return isNew && places.some((place) => place.startsWith(`${plain(target)}/`));
  });
}

const plain = (target: string) => posix.normalize(target).replace(/\/+$/, '');
