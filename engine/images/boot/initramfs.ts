/** The initramfs of machines that boot a rootfs image: busybox, our init and the kernel modules it loads. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GuesthouseError } from '../../contract/errors.ts';
import { installHint } from '../../host/tools.ts';
import { CPIO_DIRECTORY, CPIO_FILE, CPIO_PROGRAM, CPIO_SYMLINK, type CpioEntry, cpio } from './cpio.ts';
import {
  collectModules,
  FOLDER_MODULES,
  type KernelModule,
  LATER_MODULES,
  MACHINE_MODULES,
  type WantedModules,
} from './modules.ts';
import { ptyNumberProgram, reseedProgram } from './tiny-programs.ts';

export interface InitramfsRequest {
  /** A statically linked busybox of the guest's architecture. */
  readonly busyboxPath: string;
  /** `lib/modules/<release>` of the kernel. */
  readonly modulesFolder: string;
  readonly kernelRelease: string;
  readonly outFile: string;
  readonly signal: AbortSignal;
}

const SCRIPTS_FOLDER = fileURLToPath(new URL('../../../assets/guest-init/', import.meta.url));
/** Init, and what it starts or reads. */
const SCRIPTS = ['init', 'session', 'identify'];

/** Changes whenever an initramfs built earlier must be built again. Part of a cache's key, beside kernel and busybox. */
export const INITRAMFS_VERSION = `5-${SCRIPTS.reduce(
  (hash, name) => hash.update(readFileSync(join(SCRIPTS_FOLDER, name))),
  createHash('sha256'),
)
  .digest('hex')
  .slice(0, 16)}`;

const FOLDERS = ['bin', 'dev', 'etc', 'modules', 'proc', 'root', 'run', 'sys', 'tmp'];
const APPLETS =
  'cat chmod chown chroot cp cut date dd env grep hostname insmod ip kill ln ls mkdir mkfifo mount poweroff readlink rm sed setsid sh sleep start-stop-daemon stty sync touch tr umount uname'.split(
    ' ',
  );

export async function buildInitramfs(request: InitramfsRequest): Promise<void> {
  const known = new Set<string>();
  const further = async (wanted: WantedModules): Promise<KernelModule[]> => {
    const found = await collectModules(request.modulesFolder, wanted, request.signal);
    const fresh = found.filter(({ name }) => !known.has(name));
    for (const { name } of fresh) known.add(name);
    return fresh;
  };
  const modules = await further(MACHINE_MODULES);
  const folders = await further(FOLDER_MODULES);
  const later = await further(LATER_MODULES);
  const list = (name: string, of: readonly KernelModule[]): CpioEntry => ({
    path: `modules/${name}`,
    mode: CPIO_FILE,
    content: Buffer.from(of.map((one) => `${one.name}\n`).join('')),
  });
  const base = await baseEntries(request, APPLETS, []);
  const programs = { 'pty-number': ptyNumberProgram(arch()), reseed: reseedProgram(arch()) };
  const entries: CpioEntry[] = [
    ...Object.entries(programs).flatMap(([name, content]) =>
      content ? [{ path: `bin/${name}`, mode: CPIO_PROGRAM, content }] : [],
    ),
    ...(await Promise.all(
      SCRIPTS.map(async (path) => ({ path, mode: CPIO_PROGRAM, content: await readFile(join(SCRIPTS_FOLDER, path)) })),
    )),
    list('order', modules),
    list('folders', folders),
    ...[...modules, ...folders, ...later].map((one) => ({
      path: `modules/${one.name}.ko`,
      mode: CPIO_FILE,
      content: one.content,
    })),
  ];
  await writeInitramfs([...base, ...entries], request);
}

/** Folders, the console, and busybox with these tools. Throws `missing-tool` without one that needs no libraries. */
export async function baseEntries(
  request: InitramfsRequest,
  applets: readonly string[],
  folders: readonly string[],
): Promise<CpioEntry[]> {
  const busybox = await readFile(request.busyboxPath).catch(() => null);
  if (busybox === null || !isStaticElf(busybox)) {
    throw new GuesthouseError({
      code: 'missing-tool',
      message: 'Machines need a statically linked busybox to start from.',
      subject: request.busyboxPath,
      hint: installHint('busybox'),
    });
  }
  return [
    ...[...FOLDERS, ...folders].map((path) => ({ path, mode: CPIO_DIRECTORY })),
    // The kernel opens it as init's output before any file system is mounted.
    { path: 'dev/console', mode: 0o020600, device: { major: 5, minor: 1 } },
    { path: 'bin/busybox', mode: CPIO_PROGRAM, content: busybox },
    ...applets.map((name) => ({ path: `bin/${name}`, mode: CPIO_SYMLINK, content: Buffer.from('busybox') })),
  ];
}

/** Writes the archive, uncompressed (unpacking costs the guest more than reading), in one step. */
export async function writeInitramfs(
  entries: readonly CpioEntry[],
  { outFile, signal }: Pick<InitramfsRequest, 'outFile' | 'signal'>,
): Promise<void> {
  signal.throwIfAborted();
  const temporary = `${outFile}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, cpio(entries), { mode: 0o600 });
    await rename(temporary, outFile);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A dynamically linked program has a PT_INTERP (type 3) among its program headers; there is no linker in here. */
export function isStaticElf(bytes: Buffer): boolean {
  if (bytes.length < 64 || bytes.toString('latin1', 0, 5) !== '\x7fELF\x02') return false;
  const table = Number(bytes.readBigUInt64LE(0x20));
  const size = bytes.readUInt16LE(0x36);
  const count = bytes.readUInt16LE(0x38);
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (at + 4 > bytes.length) return false;
    if (bytes.readUInt32LE(at) === 3) return false;
  }
  return true;
}
