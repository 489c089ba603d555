/** QEMU's programs on this host: where, and which version. */
import { access, constants, stat } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Architecture } from '../../contract/machine.ts';
import { cleanEnv, run } from '../../host/process.ts';
import { installHint } from '../../host/tools.ts';
import { architectureOf, BOARDS } from './hardware/boards.ts';

export interface QemuTool {
  readonly path: string;
  /** `7.2.22` */
  readonly version: string;
}

export const QEMU_PACKAGE_HINT =
  'Install QEMU: `apt install qemu-system-x86 qemu-utils` (Debian, Ubuntu), `dnf install qemu-system-x86 qemu-img` (Fedora), `pacman -S qemu-system-x86 qemu-img` (Arch).';

const VIRTIOFSD_PLACES = ['/usr/lib/qemu/virtiofsd', '/usr/libexec/virtiofsd', '/usr/lib/virtiofsd'];
const VERSION_TIMEOUT_MS = 5_000;
const versions = new Map<string, string>();

/** The emulator for this host's own processor. null: not installed. */
export async function findQemu(): Promise<QemuTool | null> {
  const own = architectureOf(arch());
  return own && findEmulator(own);
}

/** The emulator of machines of an architecture. null: not installed. */
export async function findEmulator(architecture: Architecture): Promise<QemuTool | null> {
  const path = await findProgram(BOARDS[architecture].program);
  if (!path) return null;
  const { mtimeMs, size } = await stat(path);
  const key = `${path} ${mtimeMs} ${size}`;
  let version = versions.get(key);
  if (version === undefined) {
    const { stdout } = await run([path, '--version'], { timeoutMs: VERSION_TIMEOUT_MS });
    version = /version (\d+(?:\.\d+)+)/.exec(stdout)?.[1] ?? 'unknown';
    versions.set(key, version);
  }
  return { path, version };
}

export async function requireQemu(): Promise<QemuTool> {
  const own = architectureOf(arch());
  if (own) return requireEmulator(own);
  throw new GuesthouseError({
    code: 'missing-tool',
    message: `Machines on ${arch()} hosts are not possible yet.`,
    subject: 'qemu-system-x86_64',
    hint: QEMU_PACKAGE_HINT,
  });
}

/** Throws `missing-tool` with the package of it. */
export async function requireEmulator(architecture: Architecture): Promise<QemuTool> {
  const found = await findEmulator(architecture);
  if (found) return found;
  const { program } = BOARDS[architecture];
  const isOwn = architectureOf(arch()) === architecture;
  throw new GuesthouseError({
    code: 'missing-tool',
    message: isOwn
      ? 'QEMU is not installed.'
      : `QEMU for machines of the architecture ${architecture} is not installed.`,
    subject: program,
    hint: isOwn ? QEMU_PACKAGE_HINT : installHint(program),
  });
}

export async function findVirtiofsd(): Promise<string | null> {
  for (const place of VIRTIOFSD_PLACES) if (await executable(place)) return place;
  return findProgram('virtiofsd');
}

export async function findProgram(name: string): Promise<string | null> {
  for (const folder of (cleanEnv().PATH ?? '').split(':')) {
    if (await executable(join(folder, name))) return join(folder, name);
  }
  return null;
}

function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
