/**
 * The kernel that rootfs images boot with: Debian's cloud kernel, installed already or taken from its package without
 * installing it and without root.
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/operation.ts';
import { exists, readJson } from '../../host/files.ts';
import type { Log } from '../../host/log.ts';
import { run } from '../../host/process.ts';
import { downloadPackage, type PackageVersion, resolveKernelPackage } from './package.ts';
import { extractVmlinux } from './vmlinux.ts';

export interface BootKernel {
  /** What QEMU's `-kernel` gets: the unpacked ELF where possible, else the bzImage. */
  readonly vmlinux: string;
  readonly release: string;
  /** `lib/modules/<release>`, for the initramfs. */
  readonly modulesFolder: string;
  /** Changes with every kernel build; part of the key of things made for it. */
  readonly version: string;
}

export interface KernelRequest {
  /** Folder for what is kept (`paths.cache`). */
  readonly cache: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

/** Ask the package sources for a newer kernel at most this often (ms); a kept one serves in between. */
const REFRESH_MS = 7 * 24 * 3600 * 1000;

export async function findKernel(request: KernelRequest): Promise<BootKernel> {
  const folder = join(request.cache, 'kernels');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kept = await newestKept(folder);
  if (kept && Date.now() - kept.checkedAt < REFRESH_MS) return kept.kernel;
  const installed = await installedKernel();
  if (installed) return prepare(folder, `installed_${installed.release}_${installed.stamp}`, installed, request);
  try {
    const wanted = await resolveKernelPackage(folder, request);
    const key = `${wanted.name}_${wanted.version}`;
    if (kept?.kernel.version === key) {
      const now = new Date();
      await utimes(join(folder, key, 'kernel.json'), now, now);
      return kept.kernel;
    }
    return await fromPackage(folder, key, wanted, request);
  } catch (error) {
    if (!kept || request.signal.aborted) throw error;
    request.log.warn('no newer kernel could be fetched; the kept one is used', { error });
    return kept.kernel;
  }
}

async function newestKept(folder: string): Promise<{ kernel: BootKernel; checkedAt: number } | null> {
  let best: { kernel: BootKernel; checkedAt: number } | null = null;
  for (const name of await readdir(folder)) {
    if (name.startsWith('.')) continue;
    const file = join(folder, name, 'kernel.json');
    const kernel = await readJson<BootKernel>(file).catch(() => null);
    if (!kernel || !(await exists(kernel.vmlinux)) || !(await exists(kernel.modulesFolder))) continue;
    const { mtimeMs } = await stat(file);
    if (!best || mtimeMs > best.checkedAt) best = { kernel, checkedAt: mtimeMs };
  }
  return best;
}

interface Unprepared {
  readonly release: string;
  readonly bzImage: string;
  readonly modulesFolder: string;
}

/** A cloud kernel in /boot that we may read, with its modules. Its modification time tells rebuilds apart. */
async function installedKernel(): Promise<(Unprepared & { stamp: number }) | null> {
  const names = (await readdir('/boot').catch(() => [])).filter((name) => /^vmlinuz-.*cloud/.test(name)).sort();
  for (const name of names.reverse()) {
    const release = name.slice('vmlinuz-'.length);
    const bzImage = join('/boot', name);
    const modulesFolder = join('/lib/modules', release);
    const readable = await readFile(bzImage).then(
      () => true,
      () => false,
    );
    if (readable && (await exists(join(modulesFolder, 'kernel'))))
      return { release, bzImage, modulesFolder, stamp: Math.floor((await stat(bzImage)).mtimeMs) };
  }
  return null;
}

async function fromPackage(
  folder: string,
  key: string,
  wanted: PackageVersion,
  request: KernelRequest,
): Promise<BootKernel> {
  const work = await mkdtemp(join(folder, '.unpack-'));
  try {
    request.progress({ step: `Fetching ${wanted.name}`, fraction: null });
    const archive = await downloadPackage(folder, work, wanted, request.signal);
    request.progress({ step: 'Unpacking the kernel', fraction: null });
    await run(['dpkg-deb', '-x', archive, work], { signal: request.signal });
    const release = (await readdir(join(work, 'boot')))
      .find((name) => name.startsWith('vmlinuz-'))
      ?.slice('vmlinuz-'.length);
    if (!release) throw new GuesthouseError({ code: 'bad-data', message: `The package ${wanted.name} has no kernel.` });
    const lib = (await exists(join(work, 'lib/modules', release))) ? 'lib' : 'usr/lib';
    const modulesFolder = join(work, lib, 'modules', release);
    return await prepare(
      folder,
      key,
      { release, bzImage: join(work, 'boot', `vmlinuz-${release}`), modulesFolder },
      request,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Unpacks the ELF kernel and gives everything its lasting place. Modules of an installed kernel stay where they are. */
async function prepare(folder: string, key: string, found: Unprepared, request: KernelRequest): Promise<BootKernel> {
  const target = join(folder, key);
  const kept = await readJson<BootKernel>(join(target, 'kernel.json')).catch(() => null);
  if (kept && (await exists(kept.vmlinux))) return kept;
  request.signal.throwIfAborted();
  const stage = await mkdtemp(join(folder, '.stage-'));
  try {
    const bzImage = await readFile(found.bzImage);
    await writeFile(join(stage, 'vmlinux'), extractVmlinux(bzImage) ?? bzImage);
    const ours = found.modulesFolder.startsWith(folder);
    if (ours) await rename(found.modulesFolder, join(stage, 'modules'));
    const kernel: BootKernel = {
      vmlinux: join(target, 'vmlinux'),
      release: found.release,
      modulesFolder: ours ? join(target, 'modules') : found.modulesFolder,
      version: key,
    };
    await writeFile(join(stage, 'kernel.json'), JSON.stringify(kernel));
    await rm(target, { recursive: true, force: true });
    await rename(stage, target);
    return kernel;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
