/** What a microVM's kernel must be told, since its board has little that could tell it. See decisions/0025. */
import { arch } from 'node:os';
import { join } from 'node:path';
import type { Accelerator } from '../../../contract/machine.ts';
import { privateFolder, readJson, writeAtomic } from '../../../host/files.ts';
import type { Paths } from '../../../host/paths.ts';
import { bootId } from '../../../host/process-ref.ts';
import { measureTscKhz } from '../../../host/tsc.ts';

/** `tscKhz`: null where the hypervisor tells the kernel itself, or nobody could find out. */
export interface MicroFacts {
  readonly tscKhz: number | null;
}

/** Why there are none on this host, as a sentence; null: there are. */
export function microProblem(): string | null {
  return arch() === 'x64' ? null : 'QEMU has microVMs for x86-64 alone.';
}

/**
 * Under emulation a guest counts the host's ticks and has no clock to compare them with but one that is emulated: five of six
 * boots hung over it. Measured once per boot of the host, since it takes a tenth of a second.
 */
export async function microFacts(accelerator: Accelerator, paths: Pick<Paths, 'cache'>): Promise<MicroFacts> {
  if (accelerator !== 'tcg') return { tscKhz: null };
  const file = join(await privateFolder(paths.cache), 'tsc.json');
  const kept = await readJson<{ bootId: string; tscKhz: number | null }>(file).catch(() => null);
  if (kept?.bootId === bootId()) return { tscKhz: kept.tscKhz };
  const tscKhz = await measureTscKhz();
  // On a full disk it is measured again next time.
  await writeAtomic(file, JSON.stringify({ bootId: bootId(), tscKhz })).catch(() => {});
  return { tscKhz };
}
