/** Processes in a machine with an init of ours, by a program of ours in it. */
import type { GuestProcess } from '../../../contract/files.ts';
import { processFacts } from '../../../metrics/process-list.ts';
import { OWN_BUSYBOX } from './request.ts';

/** Kernel threads have no program. */
const SCRIPT =
  'cd /proc; cat stat; for one in [0-9]*; do [ -e $one/exe ] || continue; printf "\\036"; cat $one/stat; printf "\\037"; cat $one/status; printf "\\037"; cat $one/cmdline; done';
const MAX_LISTED = 2_000;

export const PROCESSES_COMMAND = [OWN_BUSYBOX, 'sh', '-c', SCRIPT];

/** Pure. `hostPid`: of QEMU, which is all that the host sees. */
export function readProcesses(answer: string, hostPid: number): GuestProcess[] {
  const [head = '', ...rows] = answer.split('\x1e');
  const bootedAt = Number(/^btime (\d+)$/m.exec(head)?.[1] ?? 0) * 1000;
  const numbers = { level: 0, uidMap: '0 0 4294967295' };
  const found = rows.slice(0, MAX_LISTED).flatMap((row) => {
    const [stat = '', status = '', cmdline = ''] = row.split('\x1f');
    const facts = processFacts({ stat, status, cmdline }, numbers, bootedAt);
    return facts ? [facts] : [];
  });
  const known = new Set(found.map(({ process }) => process.pid));
  return found
    .map(({ process, parent }) => ({ ...process, hostPid, parentPid: known.has(parent) ? parent : null }))
    .sort((a, b) => (a.pid ?? 0) - (b.pid ?? 0));
}
