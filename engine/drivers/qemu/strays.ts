/**
 * Programs of a machine that no record tells of: the engine was killed between starting one and writing it down. They
 * are known by their working folder, which is the guest's own, and by what they are. QEMU would hold the disk's lock.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { ended, type ProcessRef, processRef, signalProcess } from '../../host/process-ref.ts';
import type { MachinePaths } from './run-record.ts';

const KILL_TIMEOUT_MS = 5_000;
/** Words of which one is in the command line of each of ours, also while nsenter or setpriv has not yet become it. */
const OURS = /^(?:qemu-system-\S+|virtiofsd|swtpm|dd)$/;

export function findStrays(files: Pick<MachinePaths, 'run' | 'room'>): ProcessRef[] {
  if (!existsSync(files.run)) return [];
  const found: ProcessRef[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const ref = workingFolder(name).some((folder) => folder === files.run || folder === files.room)
      ? processRef(Number(name))
      : null;
    if (ref && words(name).some((word) => OURS.test(basename(word)))) found.push(ref);
  }
  return found;
}

/** Ends them and waits for it. */
export async function endStrays(files: Pick<MachinePaths, 'run' | 'room'>): Promise<void> {
  const strays = findStrays(files);
  for (const stray of strays) signalProcess(stray, 'SIGKILL');
  await Promise.all(strays.map((stray) => ended(stray, KILL_TIMEOUT_MS)));
}

function workingFolder(pid: string): string[] {
  try {
    return [readlinkSync(`/proc/${pid}/cwd`)];
  } catch {
    return []; // gone, or not ours
  }
}

function words(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
