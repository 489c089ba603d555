/** What a machine's hardware keeps in the guest's folder beside its disk: what was decided, UEFI's variables, the TPM's state. */
import { copyFile, cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../../host/files.ts';
import type { OperationContext } from '../../driver.ts';
import type { MachinePaths } from '../run-record.ts';
import { isVariables } from './efi-variables.ts';
import { becomeCopy, removeSameness } from './sameness.ts';

type Files = Pick<MachinePaths, 'home' | 'choice' | 'tpmState'>;

/** Names of the files in the guest's folder; there may be none. */
export async function storedNames({ home }: Pick<Files, 'home'>): Promise<string[]> {
  return (await readdir(home).catch(() => [])).filter((name) => isVariables(name) || name === 'machine.json');
}

export async function copyHardware(from: Files, to: Files, operation: OperationContext): Promise<void> {
  operation.undo.defer('what the hardware keeps', () => removeHardware(to));
  for (const name of await storedNames(from)) await copyFile(join(from.home, name), join(to.home, name));
  if (await exists(from.tpmState)) await cp(from.tpmState, to.tpmState, { recursive: true });
  await becomeCopy(to.home);
}

export async function removeHardware(files: Files): Promise<void> {
  for (const name of await storedNames(files)) await rm(join(files.home, name), { force: true });
  await rm(files.tpmState, { recursive: true, force: true });
  await removeSameness(files.home);
}
