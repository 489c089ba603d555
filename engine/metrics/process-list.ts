/** Processes of a guest as /proc of the host tells them (proc_pid_stat(5), proc_pid_status(5)). */
import type { GuestProcess } from '../contract/files.ts';
import { readPseudoFile } from './pseudofile.ts';

/** Clock ticks per second as user space sees them, on every architecture. */
const TICKS_PER_SECOND = 100;
/** More are not shown. */
const MAX_LISTED = 2_000;
const MAX_COMMAND = 1_000;
/** Who has no number in the guest. */
const NOBODY = 65_534;

/** How the guest counts: its processes' numbers and users. */
export interface GuestNumbers {
  /** Level of its process numbers below ours, from `NSpid` of its first process; null: they are not seen from here. */
  readonly level: number | null;
  /** Text of /proc/<pid>/uid_map: rows of first inside, first outside, count. */
  readonly uidMap: string;
}

/** Lists those of these processes that still are there, in the order of their numbers. */
export function listProcesses(pids: readonly number[], numbers: GuestNumbers): GuestProcess[] {
  const bootedAt = Number(/^btime (\d+)$/m.exec(readPseudoFile('/proc/stat') ?? '')?.[1] ?? 0) * 1000;
  const found: Omit<GuestProcess, 'parentPid'>[] = [];
  const parents = new Map<number, number>();
  for (const pid of [...new Set(pids)].sort((a, b) => a - b).slice(0, MAX_LISTED)) {
    const facts = processFacts(
      {
        stat: readPseudoFile(`/proc/${pid}/stat`) ?? '',
        status: readPseudoFile(`/proc/${pid}/status`) ?? '',
        cmdline: readPseudoFile(`/proc/${pid}/cmdline`) ?? '',
      },
      numbers,
      bootedAt,
    );
    if (!facts) continue;
    found.push({ ...facts.process, hostPid: pid });
    parents.set(pid, facts.parent);
  }
  const inside = new Map(found.map(({ hostPid, pid }) => [hostPid, pid]));
  return found.map((one) => ({ ...one, parentPid: inside.get(parents.get(one.hostPid) ?? 0) ?? null }));
}

/** Level of the process numbers of a guest whose first process has this status. */
export function pidLevel(status: string): number {
  return (fieldOf(status, 'NSpid') ?? '').split(/\s+/).filter(Boolean).length - 1;
}

/** Pure. null: the process is gone. */
export function processFacts(
  { stat, status, cmdline }: { stat: string; status: string; cmdline: string },
  { level, uidMap }: GuestNumbers,
  bootedAt: number,
): { process: Omit<GuestProcess, 'hostPid' | 'parentPid'>; parent: number } | null {
  const end = stat.lastIndexOf(')');
  const [state = '', parent, ...rest] = stat.slice(end + 2).split(' ');
  if (end < 0 || rest.length < 18) return null;
  const ticks = (index: number) => Number(rest[index]) / TICKS_PER_SECOND;
  const inside = fieldOf(status, 'NSpid')?.split(/\s+/)[level ?? -1];
  const uid = Number(fieldOf(status, 'Uid')?.split(/\s+/)[1] ?? Number.NaN);
  return {
    parent: Number(parent),
    process: {
      pid: inside === undefined ? null : Number(inside),
      uid: insideUid(uid, uidMap),
      state,
      // Fields 14 and 15, 22 of the whole line.
      cpuSeconds: ticks(9) + ticks(10),
      startedAt: bootedAt + ticks(17) * 1000,
      memoryBytes: Number.parseInt(fieldOf(status, 'VmRSS') ?? '0', 10) * 1024,
      command: commandOf(cmdline, stat.slice(stat.indexOf('(') + 1, end)),
    },
  };
}

/** What the user of the host is called in the guest. */
export function insideUid(uid: number, map: string): number {
  for (const line of map.trim().split('\n')) {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    if (uid >= outside && uid < outside + count) return inside + uid - outside;
  }
  return NOBODY;
}

/** A program may write anything into its own command line. */
function commandOf(cmdline: string, name: string): string {
  const words = cmdline.replace(/\0+$/, '').replaceAll('\0', ' ').slice(0, MAX_COMMAND);
  return words === '' ? `[${name}]` : words;
}

function fieldOf(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
}
