/** The processes of a running container, from its control group where it has one of its own, else from its tree. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GuestProcess } from '../../contract/files.ts';
import { listProcesses, pidLevel } from '../../metrics/process-list.ts';
import { processTree } from '../../metrics/processes.ts';
import { readPseudoFile } from '../../metrics/pseudofile.ts';
import { cgroupFolders } from './cgroup.ts';
import type { Run } from './runs.ts';

/** A guest may make groups in groups. */
const MAX_GROUPS = 200;

export function topOf(run: Run, housePid: number): GuestProcess[] {
  const { pid } = run.record.main;
  const [group] = cgroupFolders(pid, run.guestId)?.values() ?? [];
  // A program that has left its parents behind is found by its group only; without one it is a child of the first.
  const tree = [run.record.main, ...[...run.execs.values()].map(({ main }) => main)].flatMap((one) =>
    processTree(one.pid),
  );
  return listProcesses(group === undefined ? tree : [...groupPids(group), ...tree], {
    level: pidLevel(readPseudoFile(`/proc/${pid}/status`) ?? ''),
    uidMap: readPseudoFile(`/proc/${housePid}/uid_map`) ?? '',
  });
}

function groupPids(group: string): number[] {
  const pids: number[] = [];
  const groups = [group];
  for (const folder of groups) {
    pids.push(...(readPseudoFile(join(folder, 'cgroup.procs')) ?? '').split('\n').filter(Boolean).map(Number));
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory() && groups.length < MAX_GROUPS) groups.push(join(folder, entry.name));
      }
    } catch {
      // gone meanwhile
    }
  }
  return pids;
}
