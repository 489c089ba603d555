/** What a change to a guest asks of it: which fields apply at once, which need it made anew. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { DraftProblem, GuestChange } from '../contract/api.ts';
import { hasOwnDisk } from '../contract/disk.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { ImageKind } from '../contract/image.ts';
import { completeFirstLogin } from './first-login.ts';
import { problemsOfDiskChange } from './validate-disks.ts';

export type ChangedField = keyof GuestChange;

/** Fields only the engine itself looks at, so nothing that runs has to hear of them. */
const LIVE_BY_NATURE: ReadonlySet<ChangedField> = new Set([
  'labels',
  'restart',
  'health',
  'disposable',
  'stopGraceMs',
  'ports',
]);

/** Whether what runs would have to hear of it. */
export const isOfMachine = (field: ChangedField) => !LIVE_BY_NATURE.has(field);

export interface Ways {
  readonly live: readonly ChangedField[];
  readonly recreate: readonly ChangedField[];
}

/** Fields whose value would differ. */
export function changedFields(spec: GuestSpec, change: GuestChange): ChangedField[] {
  return (Object.keys(change) as ChangedField[]).filter(
    (field) => change[field] !== undefined && !isDeepStrictEqual(change[field], spec[field]),
  );
}

/** `canChangeLive`: what its driver says of a running guest. One that does not run is simply written anew. */
export function waysOf(
  fields: readonly ChangedField[],
  running: boolean,
  canChangeLive: (field: ChangedField) => boolean,
): Ways {
  const isLive = (field: ChangedField) => !running || LIVE_BY_NATURE.has(field) || canChangeLive(field);
  return { live: fields.filter(isLive), recreate: fields.filter((field) => !isLive(field)) };
}

/** A change without what was left out; what it says of a first login is said in full. */
export function given({ firstLogin, ...rest }: GuestChange): Partial<GuestSpec> {
  const fields = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return firstLogin === undefined ? fields : { ...fields, firstLogin: completeFirstLogin(firstLogin) };
}

/** What no check of the new spec alone can see. `kind`: of the image it was made from; null without one. */
export function problemsOfChange(spec: GuestSpec, change: GuestChange, kind: ImageKind | null): DraftProblem[] {
  const { diskGib } = change;
  if (change.disks !== undefined) {
    const problems = problemsOfDiskChange(spec.disks, change.disks);
    if (problems.length > 0) return problems;
  }
  if (diskGib === undefined || diskGib === spec.diskGib || spec.isolation === 'container') return [];
  const field = 'diskGib';
  if (kind === 'rootfs') {
    // Its disk is a difference to one that was made for this image in this size: over another it would be rubbish.
    const message = 'The disk of a machine made from a container image keeps its size.';
    const hint = 'Make a new machine with a larger disk, or give it a volume.';
    return [{ field, error: { code: 'unsupported', message, subject: field, hint } }];
  }
  if (!hasOwnDisk(spec) || diskGib === 0) {
    const message = 'A machine keeps what it starts from: a disk of its own, or none.';
    return [{ field, error: { code: 'invalid', message, subject: field, hint: 'Add a further disk instead.' } }];
  }
  if (spec.diskGib === null || (diskGib !== null && diskGib > spec.diskGib)) return [];
  const error = {
    code: 'invalid',
    message: 'A disk can only become larger.',
    subject: field,
    cause: `It has ${spec.diskGib} GiB.`,
    hint: `Give more than ${spec.diskGib} GiB.`,
  } as const;
  return [{ field, error }];
}
