/**
 * The files of one log. conmon begins `console.log` anew at its size limit by renaming an empty file over it, which
 * would lose all that was written before. A second name of the same file (`.held`) keeps it; once a new one has begun,
 * the held one becomes `.1`. So without anybody looking the last change is survived, and with somebody looking now and
 * then at least one whole older file is there.
 */
import { constants, statSync } from 'node:fs';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';

const HELD = '.held';
const OLDER = '.1';

/**
 * Whether `holdLog` has nothing to do. In place, because handing so short a question to another thread takes ten times
 * as long, and it is asked of every container again and again.
 */
export function isHeld(path: string): boolean {
  try {
    const current = statSync(path, { throwIfNoEntry: false });
    return current !== undefined && current.ino === statSync(path + HELD, { throwIfNoEntry: false })?.ino;
  } catch {
    return false;
  }
}

/** Gives the current file its second name, and makes it where there is none yet. Never throws: a log is a comfort. */
export async function holdLog(path: string): Promise<void> {
  const [current, held] = await Promise.all([inodeOf(path), inodeOf(path + HELD)]);
  if (current !== null && current === held) return;
  try {
    if (current === null)
      await (await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o640)).close();
    if (held !== null) await rename(path + HELD, path + OLDER);
    await link(path, path + HELD);
  } catch {
    // the disk is full, or knows no second names: the log is kept as conmon keeps it
  }
}

export async function removeLog(path: string): Promise<void> {
  for (const name of [path, path + HELD, path + OLDER]) await rm(name, { force: true });
}

export interface LogFile {
  readonly file: FileHandle;
  readonly inode: number;
}

/** Opens all files of the log, oldest first. Whoever opened them closes them. */
export async function openLog(path: string): Promise<LogFile[]> {
  const files: LogFile[] = [];
  // Newest first: should one take the other's name meanwhile, it is met twice rather than missed.
  for (const name of [path, path + HELD, path + OLDER]) {
    const file = await open(name, 'r').catch(() => null);
    if (!file) continue;
    const { ino } = await file.stat();
    if (files.some(({ inode }) => inode === ino)) await file.close();
    else files.unshift({ file, inode: ino });
  }
  return files;
}

export async function closeLog(files: readonly LogFile[]): Promise<void> {
  for (const { file } of files) await file.close();
}

/** null: there is no such file. */
export async function inodeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ ino }) => ino,
    () => null,
  );
}
