/** Kernel and initial file system for machines made from a rootfs; kept in the cache and shared by all images. */
import { join } from 'node:path';
import type { Progress } from '../contract/operation.ts';
import { exists, privateFolder } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { buildInitramfs, INITRAMFS_VERSION } from './boot/initramfs.ts';
import { findKernel } from './boot/kernel.ts';
import { buildRescueInitramfs, RESCUE_VERSION } from './boot/rescue.ts';
import { findBusybox } from './builders/busybox.ts';
import { sha256Hex } from './digests.ts';

export interface BootFiles {
  readonly kernel: string;
  readonly initrd: string;
}

export interface BootFilesRequest {
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

/** What was found is not looked for again for this long (ms); starting a machine should not pay for it each time. */
const REMEMBER_MS = 3600 * 1000;

/** `machine`: that a guest is; `rescue`: that opens the disks of one. */
export type BootKind = 'machine' | 'rescue';

/** One fetching at a time: two would replace each other's files under the hand. */
export function createBootFiles(host: {
  cache: string;
  log: Log;
}): (request: BootFilesRequest, kind?: BootKind) => Promise<BootFiles> {
  const known = new Map<BootKind, { files: BootFiles; at: number }>();
  let last: Promise<unknown> = Promise.resolve();

  const find = async (request: BootFilesRequest, kind: BootKind): Promise<BootFiles> => {
    request.signal.throwIfAborted();
    const before = known.get(kind);
    const fresh = before && performance.now() - before.at < REMEMBER_MS;
    if (fresh && (await exists(before.files.kernel)) && (await exists(before.files.initrd))) return before.files;
    const files = await prepare({ ...host, signal: request.signal, progress: (one) => request.progress(one), kind });
    known.set(kind, { files, at: performance.now() });
    return files;
  };
  return (request, kind = 'machine') => {
    const mine = last.then(() => find(request, kind));
    last = mine.catch(() => {});
    // Whoever waits for another's fetching can still give up.
    const givenUp = new Promise<never>((_, reject) => {
      request.signal.addEventListener('abort', () => reject(request.signal.reason), { once: true });
    });
    return Promise.race([mine, givenUp]);
  };
}

async function prepare(request: BootFilesRequest & { cache: string; log: Log; kind: BootKind }): Promise<BootFiles> {
  const { cache, signal, kind } = request;
  const kernel = await findKernel(request);
  const busybox = await findBusybox(signal);
  const folder = await privateFolder(join(cache, 'initrd'));
  const key = sha256Hex(
    `${kernel.version}\n${kind === 'rescue' ? RESCUE_VERSION : INITRAMFS_VERSION}\n${sha256Hex(busybox.binary)}`,
  ).slice(0, 16);
  const initrd = join(folder, `${key}.cpio`);
  if (!(await exists(initrd))) {
    request.progress({ step: 'Packing what a machine starts from', fraction: null });
    const wanted = {
      busyboxPath: busybox.path,
      modulesFolder: kernel.modulesFolder,
      kernelRelease: kernel.release,
      outFile: initrd,
      signal,
    };
    if (kind === 'rescue') await buildRescueInitramfs({ ...wanted, applets: busybox.applets });
    else await buildInitramfs(wanted);
  }
  return { kernel: kernel.vmlinux, initrd };
}
