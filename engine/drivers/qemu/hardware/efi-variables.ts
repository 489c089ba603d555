/**
 * The variables of a machine's UEFI (boot entries, Secure Boot keys): a qcow2 file of its own, so that QEMU can keep
 * them in snapshots, made from the firmware's template before the first start.
 */
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Architecture } from '../../../contract/machine.ts';
import { exists, syncFolder } from '../../../host/files.ts';
import { run } from '../../../host/process.ts';
import type { UefiFirmware } from './firmware.ts';

const ENDING = '.vars.qcow2';

/** By firmware and architecture: changing there and back loses nothing, and sizes always fit. */
export function variablesPath(home: string, architecture: Architecture, firmware: 'uefi' | 'uefi-secure'): string {
  return join(home, `${firmware}-${architecture}${ENDING}`);
}

/** Whether a file of the guest's folder is one of these, half-made ones included. */
export function isVariables(name: string): boolean {
  return name.endsWith(ENDING) || name.endsWith(`${ENDING}.new`);
}

/** Whole or not at all. */
export async function ensureVariables(path: string, { template }: UefiFirmware, signal: AbortSignal): Promise<void> {
  if (await exists(path)) return;
  const half = `${path}.new`;
  try {
    await run(['qemu-img', 'convert', '-f', template.format, '-O', 'qcow2', template.path, half], { signal });
    await rename(half, path);
  } finally {
    await rm(half, { force: true });
  }
  await syncFolder(dirname(path));
}
