/** What a test run may have left on the machine: processes, mounts, cgroups, run folders. Each leftover is a failure. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is there before the run, so that a guest of the person's own is no leak. */
export interface Before {
  readonly cgroups: ReadonlySet<string>;
  readonly runFolders: ReadonlySet<string>;
}

export function lookBefore(uids: readonly number[]): Before {
  return { cgroups: new Set(cgroups()), runFolders: new Set(runFolders(uids)) };
}

/**
 * Leftovers by name.
 * @param scratch every process started by the run has this path in its environment or arguments, every mount below it
 * @param uids ordinary users that belong to the run alone; root's folders may be another program's
 */
export function findLeaks(before: Before, scratch: string, uids: readonly number[]): string[] {
  const processes = processesOf(scratch).map(({ pid, command }) => `process ${pid}: ${command}`);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(scratch))
    .map((line) => `mount: ${line.split(' ')[4]}`);
  const groups = cgroups().filter((path) => !before.cgroups.has(path) && isEmptyOrOurs(path, scratch));
  const folders = runFolders(uids).filter((path) => !before.runFolders.has(path));
  return [
    ...processes,
    ...mounts,
    ...groups.map((path) => `cgroup: ${path}`),
    ...folders.map((path) => `run folder: ${path}`),
  ];
}

/** Processes other than this one that carry `mark` in their environment or arguments. */
export function processesOf(mark: string): { pid: number; command: string }[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const command = read(`/proc/${pid}/cmdline`);
    const belongs = command.includes(mark) || read(`/proc/${pid}/environ`).includes(mark);
    // A zombie has neither any more; its parent decides about it.
    return belongs ? [{ pid, command: command.replaceAll('\0', ' ').trim().slice(0, 160) }] : [];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // gone meanwhile, or another user's
  }
}

/** Cgroups of guests: folders below a `guesthouse…` one, in every hierarchy. */
function cgroups(): string[] {
  const found: string[] = [];
  const walk = (folder: string, depth: number, inside: boolean) => {
    for (const name of folders(folder)) {
      const path = join(folder, name);
      const isOurs = inside || name.startsWith('guesthouse');
      if (inside) found.push(path);
      if (depth > 0) walk(path, depth - 1, isOurs);
    }
  };
  walk('/sys/fs/cgroup', 4, false);
  return found;
}

/** A cgroup of a guest of another home, which has a run folder as long as it exists, is no leak of ours. */
function isEmptyOrOurs(path: string, scratch: string): boolean {
  const id = path.split('/').pop() ?? '';
  const homes = [...runFolders([0]), ...folders('/tmp').flatMap((name) => runFoldersIn(join('/tmp', name)))];
  if (homes.some((home) => existsSync(join(home, id)))) return false;
  const pids = read(join(path, 'cgroup.procs')).split('\n').filter(Boolean);
  return pids.every((pid) => read(`/proc/${pid}/environ`).includes(scratch));
}

function runFolders(uids: readonly number[]): string[] {
  const bases = (uid: number) =>
    uid === 0 ? ['/run/guesthouse'] : [`/run/user/${uid}/guesthouse`, `/tmp/guesthouse-${uid}`];
  return uids.flatMap(bases).flatMap(runFoldersIn);
}

function runFoldersIn(base: string): string[] {
  return /\/guesthouse(-\d+)?$/.test(base) ? folders(base).map((name) => join(base, name)) : [];
}

function folders(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}
