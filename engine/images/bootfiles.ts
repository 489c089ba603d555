/** Kernel and initial file system for machines made from a rootfs; kept in the cache and shared by all images. */
import { join } from 'node:path';
import type { Progress } from '../contract/operation.ts';
import { exists, privateFolder } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { buildInitramfs, INITRAMFS_VERSION } from './boot/initramfs.ts';
import { findKernel } from './boot/kernel.ts';
import { findBusybox } from './builders/busybox.ts';
import { sha256Hex } from './digests.ts';

export interface BootFiles {
  readonly kernel: string;
  readonly initrd: string;
}

export async function bootFiles(request: {
  cache: string;
  log: Log;
  signal: AbortSignal;
  progress(progress: Progress): void;
}): Promise<BootFiles> {
  const { cache, signal } = request;
  const kernel = await findKernel(request);
  const busybox = await findBusybox(signal);
  const folder = await privateFolder(join(cache, 'initrd'));
  const key = sha256Hex(`${kernel.version}\n${INITRAMFS_VERSION}\n${sha256Hex(busybox.binary)}`).slice(0, 16);
  const initrd = join(folder, `${key}.cpio`);
  if (!(await exists(initrd))) {
    request.progress({ step: 'Packing what a machine starts from', fraction: null });
    await buildInitramfs({
      busyboxPath: busybox.path,
      modulesFolder: kernel.modulesFolder,
      kernelRelease: kernel.release,
      outFile: initrd,
      signal,
    });
  }
  return { kernel: kernel.vmlinux, initrd };
}
