/** `machine.json` in the guest's folder: what was decided for it when it first started. */

import type { MachineFound } from '../../../contract/machine.ts';
import { readJson, writeAtomic } from '../../../host/files.ts';
import type { KeptChoice } from './choose.ts';

/** null: it never started, or nobody can read what was written. */
export async function readKept(path: string): Promise<KeptChoice | null> {
  const kept = await readJson<KeptChoice>(path).catch(() => null);
  return kept && typeof kept.firmware === 'string' ? kept : null;
}

/** Written when it differs. */
export async function keep(path: string, before: KeptChoice | null, found: MachineFound): Promise<void> {
  const { system, architecture, firmware } = found;
  if (firmware === 'none') return;
  if (before?.system === system && before.architecture === architecture && before.firmware === firmware) return;
  await writeAtomic(path, `${JSON.stringify({ system, architecture, firmware } satisfies KeptChoice)}\n`);
}
