import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where guest files are taken apart; emptied when the engine starts. */
export function workFolder(home: string): string {
  return join(home, 'work');
}

/** A folder for the time of one act. */
export async function inWorkFolder<T>(home: string, act: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(workFolder(home), randomBytes(6).toString('hex'));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
