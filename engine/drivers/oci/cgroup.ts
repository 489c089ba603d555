/**
 * The control groups of a container, version 1 or 2: where they are, freezing, and what they count. Files are read
 * and written directly: no runtime is started for it.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { openCgroupV1, openCgroupV2 } from '../../metrics/cgroup.ts';
import type { CounterSource } from '../../metrics/processes.ts';

const ROOT = '/sys/fs/cgroup';
/** Parent of all our groups in every hierarchy. */
const PARENT = 'guesthouse';
const FREEZE_TRIES = 200;
const FREEZE_WAIT_MS = 10;
const REMOVE_TRIES = 100;
const REMOVE_WAIT_MS = 20;

/** What limits are possible here. `parent`: to put before `/<guest id>` as cgroupsPath; null: none are. */
export interface CgroupPlan {
  readonly parent: string | null;
  readonly swap: boolean;
  /** Whether disk traffic can be limited. */
  readonly io: boolean;
  /** Whether there is version 2 only. */
  readonly unified: boolean;
  /** Folders of the hierarchies of version 1, by name (`cpu`, `memory`, `systemd`); empty with version 2 only. */
  readonly hierarchies: readonly string[];
  /** Why there are no limits, as a sentence. */
  readonly reason: string | null;
  readonly fix: string | null;
}

const NOT_ENFORCED = 'CPU, memory, process and disk limits are not enforced for ordinary users on this host';

export async function planCgroups(uid: number): Promise<CgroupPlan> {
  const unified = existsSync(`${ROOT}/cgroup.controllers`);
  const hierarchies = unified ? [] : hierarchyNames().filter((name) => existsSync(join(ROOT, name)));
  const kind = { unified, hierarchies };
  if (uid === 0) {
    const swap = unified || existsSync(`${ROOT}/memory/memory.memsw.limit_in_bytes`);
    const io = unified || existsSync(`${ROOT}/blkio`);
    if (unified || existsSync(`${ROOT}/memory`)) {
      return { parent: `/${PARENT}`, swap, io, ...kind, reason: null, fix: null };
    }
    return {
      parent: null,
      swap,
      io,
      ...kind,
      reason: 'CPU, memory, process and disk limits are not enforced on this host: no cgroup controllers are mounted.',
      fix: 'Mount the cgroup file systems (systemd does).',
    };
  }
  if (!unified) {
    return {
      parent: null,
      swap: false,
      io: false,
      ...kind,
      reason: `${NOT_ENFORCED}: cgroup v1 gives no delegation.`,
      fix: 'Boot with `systemd.unified_cgroup_hierarchy=1`, or run Guesthouse as root.',
    };
  }
  // systemd hands this subtree to the user; processes started from a desktop already live in it.
  const service = `/user.slice/user-${uid}.slice/user@${uid}.service`;
  const controllers = read(`${ROOT}${service}/cgroup.controllers`).split(/\s+/);
  const writable = await access(`${ROOT}${service}/cgroup.procs`, constants.W_OK).then(
    () => true,
    () => false,
  );
  const inside = read('/proc/self/cgroup').includes(`0::${service}/`);
  if (writable && inside && ['memory', 'pids'].every((name) => controllers.includes(name))) {
    const io = controllers.includes('io');
    return { parent: `${service}/${PARENT}`, swap: true, io, ...kind, reason: null, fix: null };
  }
  return {
    parent: null,
    swap: false,
    io: false,
    ...kind,
    reason: `${NOT_ENFORCED}: no control group is delegated to this session.`,
    fix: 'Start Guesthouse from the desktop session, or with `systemd-run --user --scope -p Delegate=yes`.',
  };
}

/** Folders of one process' group by controller; version 2 has the single entry `unified`. */
export type CgroupFolders = ReadonlyMap<string, string>;

/** Only groups of ours are answered: without limits a container is in the group of whoever started it. */
export function cgroupFolders(pid: number, guestId: string): CgroupFolders | null {
  const folders = new Map<string, string>();
  const unified = existsSync(`${ROOT}/cgroup.controllers`);
  for (const line of read(`/proc/${pid}/cgroup`).split('\n')) {
    const [, names = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (!path.endsWith(`/${PARENT}/${guestId}`)) continue;
    if (unified && names === '') folders.set('unified', join(ROOT, path));
    else for (const name of names.split(',')) if (name !== '') folders.set(name, join(ROOT, name, path));
  }
  return folders.size > 0 ? folders : null;
}

/** Freezes or thaws all processes of the group. Throws `timeout` when they would not. */
export async function setFrozen(folders: CgroupFolders, frozen: boolean): Promise<boolean> {
  const unified = folders.get('unified');
  if (unified) writeFileSync(join(unified, 'cgroup.freeze'), frozen ? '1' : '0');
  const folder = unified ?? folders.get('freezer');
  if (!folder) return false;
  const file = join(folder, unified ? 'cgroup.events' : 'freezer.state');
  const done = unified ? `frozen ${frozen ? 1 : 0}` : frozen ? 'FROZEN' : 'THAWED';
  for (let tries = 0; tries < FREEZE_TRIES; tries++) {
    // Version 1 may stick in FREEZING while processes are made: asking again helps.
    if (!unified) writeFileSync(file, frozen ? 'FROZEN' : 'THAWED');
    if (read(file).split('\n').includes(done)) return true;
    await sleep(FREEZE_WAIT_MS);
  }
  if (frozen) await setFrozen(folders, false);
  throw new GuesthouseError({ code: 'timeout', message: 'The container did not freeze.', cause: read(file).trim() });
}

/** Where the group's counters are read; the files stay open until `close`. */
export function openCgroupCounters(folders: CgroupFolders): CounterSource {
  const unified = folders.get('unified');
  if (unified) return openCgroupV2(unified);
  const folder = (name: string) => folders.get(name) ?? null;
  return openCgroupV1({
    cpuacct: folder('cpuacct'),
    memory: folder('memory'),
    blkio: folder('blkio'),
    pids: folder('pids'),
  });
}

/** How often the kernel killed something in the group for want of memory. */
export function outOfMemoryKills(folders: CgroupFolders): number {
  const unified = folders.get('unified');
  const memory = folders.get('memory');
  const text = unified ? read(join(unified, 'memory.events')) : memory ? read(join(memory, 'memory.oom_control')) : '';
  return field(text, 'oom_kill') ?? 0;
}

/**
 * Takes away a group of ours, and those a guest made in it, in every hierarchy: a runtime may have left it, or may never
 * have known of it. The kernel holds on to it until it has let go of its last thread. Resolves with what would not go.
 */
export async function removeGroups(path: string): Promise<string[]> {
  let left = everywhere(path);
  for (let tries = 0; tries < REMOVE_TRIES; tries++) {
    left = left.filter((folder) => !isRemoved(folder));
    if (left.length === 0) break;
    await sleep(REMOVE_WAIT_MS);
  }
  return left;
}

/** Takes away our parent group where nothing is left in it. */
export function removeEmptyParents(parent: string): void {
  for (const folder of everywhere(parent)) {
    try {
      rmdirSync(folder);
    } catch {
      // not there, or somebody lives in it
    }
  }
}

/** Folders of a group in all hierarchies, where there is one or not. */
function everywhere(path: string): string[] {
  if (existsSync(`${ROOT}/cgroup.controllers`)) return [join(ROOT, path)];
  return [...hierarchyNames(), 'unified'].map((name) => join(ROOT, name, path));
}

/** Of version 1, as the kernel names them; two that are mounted as one are two here, as in the host's links. */
function hierarchyNames(): string[] {
  const names = read('/proc/self/cgroup')
    .split('\n')
    .flatMap((line) => (line.split(':')[1] ?? '').replace(/^name=/, '').split(','))
    .filter((name) => name !== '');
  return [...new Set(names)];
}

function isRemoved(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !isRemoved(join(folder, entry.name))) return false;
    }
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function numeric(text: string): number | null {
  const value = Number.parseInt(text, 10);
  return Number.isFinite(value) ? value : null;
}

function field(text: string, name: string): number | null {
  return numeric(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? '');
}
