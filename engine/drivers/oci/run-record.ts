/** What is kept of a run in the guest's run folder, so that another engine can meet it again or say how it ended. */
import { join } from 'node:path';
import type { GuestExit } from '../../contract/guest.ts';
import { readFileSync, renameSync, statSync, writeFileSync } from '../../host/lean.ts';
import { bootId, isChild, type ProcessRef, processRef, signalProcess } from '../../host/process-ref.ts';

export interface RunRecord {
  /** Numbers of processes mean something during one boot only, and a run folder may outlive it. */
  readonly bootId: string;
  /** The program's first process. */
  readonly main: ProcessRef;
  readonly conmon: ProcessRef;
  readonly startedAt: number;
  readonly tty: boolean;
  readonly title: string;
  /** Number of the signal that asks the program to end; left out: SIGTERM. */
  readonly stopSignal?: number;
  /** Where this run's output begins in the log file. */
  readonly logOffset: number;
  readonly logInode: number;
  /** Whether the program itself runs by now; before, its first process is the runtime's. */
  readonly started: boolean;
  readonly paused: boolean;
  /** Paused without a freezer. */
  readonly bySignal?: boolean;
  /** Of an exec: nobody's session, see ExecRequest. */
  readonly hidden?: boolean;
  /** Its limits could not be set here. Left out: they are. */
  readonly unlimited?: boolean;
  readonly notes: readonly string[];
}

/** Its file in the run folder. */
export const RUN_RECORD = 'run.json';

/** Not fsynced: it describes processes, and they do not survive what it would not survive. */
export function writeRunRecord(folder: string, record: RunRecord): void {
  const path = join(folder, RUN_RECORD);
  writeFileSync(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** null also for a record of an earlier boot. */
export function readRunRecord(folder: string): RunRecord | null {
  try {
    const record = JSON.parse(readFileSync(`${folder}/${RUN_RECORD}`, 'utf8')) as RunRecord;
    return record.bootId === bootId() ? record : null;
  } catch {
    return null;
  }
}

/**
 * Both must live: a program whose conmon is gone has lost its terminal and nobody would learn of its end. And it must
 * have been started: until then the first process is the runtime's, which waits for a sign that nobody gives any more.
 */
export function isRunning(record: RunRecord): boolean {
  return record.started && isChild(record.main, record.conmon);
}

/** How it ended as conmon wrote it down; null when it did not (it was killed, or the host went down). */
export function readExit(folder: string, containerId: string): GuestExit | null {
  const path = join(folder, containerId); // conmon calls it by the container's name
  try {
    const code = Number.parseInt(readFileSync(path, 'latin1'), 10);
    if (!Number.isFinite(code)) return null;
    const signal = code > 128 && code <= 128 + 64 ? code - 128 : null;
    return { code, signal, outOfMemory: code === 137 && fileExists(join(folder, 'oom')), at: statSync(path).mtimeMs };
  } catch {
    return null;
  }
}

/** A conmon left by a start that was cut off: known only by its pid file, and proven by its command line. */
export function killStrayConmon(folder: string): void {
  const pid = Number.parseInt(readText(join(folder, 'conmon.pid')), 10);
  if (!(pid > 0) || !readText(`/proc/${pid}/cmdline`).split('\0').includes(folder)) return;
  const ref = processRef(pid);
  if (ref) signalProcess(ref, 'SIGKILL');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function fileExists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}
