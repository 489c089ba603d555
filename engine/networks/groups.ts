/** Which control groups are seen in the house. */
import { readFileSync, statfsSync } from 'node:fs';

const ROOT = '/sys/fs/cgroup';
const UNIFIED = `${ROOT}/unified`;
/** The same in every kernel (linux/magic.h). */
const CGROUP2_SUPER_MAGIC = 0x63677270;
/** The one of version 1 that is shown in the place of version 2: every host with version 1 has it. */
const STAND_IN = `${ROOT}/pids`;

/**
 * Words of the mount that lets the house see version 1 alone, on a host that has both and gave a controller to version 2:
 * crun refuses to work beside such a one (libcrun, cgroup-utils.c), though nothing of ours uses it. A hierarchy of version
 * 1 is shown there rather than an empty folder, because crun makes the group in what it finds. null: nothing to hide.
 */
export function hideMixedGroups(): readonly string[] | null {
  try {
    if (statfsSync(UNIFIED).type !== CGROUP2_SUPER_MAGIC) return null;
    if (readFileSync(`${UNIFIED}/cgroup.controllers`, 'latin1').trim() === '') return null;
    statfsSync(STAND_IN);
    return ['mount', '--bind', STAND_IN, UNIFIED];
  } catch {
    return null;
  }
}
