/** What a machine's hardware keeps, in a snapshot: copied, since it is small. */
import { copyFile, cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, syncFolder } from '../../../host/files.ts';
import { storedNames } from '../hardware/stored.ts';
import type { MachinePaths } from '../run-record.ts';

type Files = Pick<MachinePaths, 'home' | 'tpmState'>;

/** Into the snapshot's folder. */
export async function keepHardware(files: Files, folder: string): Promise<void> {
  for (const name of await storedNames(files)) await copyFile(join(files.home, name), join(folder, name));
  if (await exists(files.tpmState)) await cp(files.tpmState, join(folder, 'tpm'), { recursive: true });
}

/** Whatever is there now is put away. Done again after a crash, it comes to the same. */
export async function putBackHardware(files: Files, folder: string): Promise<void> {
  const kept = await storedNames({ home: folder });
  for (const name of await storedNames(files)) if (!kept.includes(name)) await rm(join(files.home, name));
  for (const name of kept) {
    const half = join(files.home, `${name}.new`);
    await copyFile(join(folder, name), half);
    await rename(half, join(files.home, name));
  }
  await rm(files.tpmState, { recursive: true, force: true });
  if (await exists(join(folder, 'tpm'))) await cp(join(folder, 'tpm'), files.tpmState, { recursive: true });
  await syncFolder(files.home);
}
