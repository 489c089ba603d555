/** The kernel modules an initramfs needs, in an order in which `insmod` can load them one by one. */
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { GuesthouseError } from '../../contract/errors.ts';
import { run } from '../../host/process.ts';

export interface KernelModule {
  readonly name: string;
  readonly content: Uint8Array;
}

export interface WantedModules {
  readonly required: readonly string[];
  /** Those the kernel has. */
  readonly optional: readonly string[];
}

/** What a machine of ours has: disk, network, agent port, start configuration, ext4 root. */
export const MACHINE_MODULES: WantedModules = {
  required: ['virtio_pci', 'virtio_mmio', 'virtio_blk', 'virtio_net', 'virtio_console', 'qemu_fw_cfg', 'ext4'],
  optional: ['crc32c_generic'],
};

/** Loaded before the folders of the host are mounted, in a machine that has some. */
export const FOLDER_MODULES: WantedModules = { required: [], optional: ['virtiofs'] };

/** Loaded when the machine is given a device for them, or once its command runs. */
export const LATER_MODULES: WantedModules = { required: [], optional: ['virtio_mem', 'virtio_balloon', 'virtio_rng'] };

/**
 * Reads the wanted modules and all they depend on from `lib/modules/<release>`. Built-in ones are left out. The
 * dependency is read from each module's own `.modinfo`, as an unpacked package has no `modules.dep` yet.
 */
export async function collectModules(
  folder: string,
  wanted: WantedModules,
  signal?: AbortSignal,
): Promise<KernelModule[]> {
  const files = new Map<string, string>();
  for (const path of await readdir(folder, { recursive: true })) {
    const match = /^(.+)\.ko(?:\.(?:xz|zst|gz))?$/.exec(basename(path));
    if (match) files.set(canonical(match[1] as string), join(folder, path));
  }
  const builtin = new Set(
    (await readFile(join(folder, 'modules.builtin'), 'utf8').catch(() => ''))
      .split('\n')
      .map((line) => canonical(basename(line.trim(), '.ko'))),
  );
  const loaded = new Map<string, KernelModule>();
  const visit = async (name: string, required: boolean): Promise<void> => {
    if (loaded.has(name) || builtin.has(name)) return;
    const path = files.get(name);
    if (!path) {
      if (!required) return;
      throw new GuesthouseError({
        code: 'unsupported',
        message: `The kernel has no module ${name}, which machines need.`,
        subject: folder,
      });
    }
    const content = await readModule(path, signal);
    for (const dependency of dependsOn(content)) await visit(dependency, true);
    loaded.set(name, { name, content });
  };
  // The first optional one may be needed by others without being named by them (crc32c).
  for (const name of wanted.optional.slice(0, 1)) await visit(canonical(name), false);
  for (const name of wanted.required) await visit(canonical(name), true);
  for (const name of wanted.optional.slice(1)) await visit(canonical(name), false);
  return [...loaded.values()];
}

/** Names in the `depends=` field of a module's `.modinfo` section, which is a list of NUL-terminated strings. */
export function dependsOn(module: Uint8Array): string[] {
  const bytes = Buffer.from(module.buffer, module.byteOffset, module.byteLength);
  const at = bytes.indexOf('\0depends=');
  if (at < 0) return [];
  const from = at + '\0depends='.length;
  return bytes.toString('latin1', from, bytes.indexOf(0, from)).split(',').filter(Boolean).map(canonical);
}

async function readModule(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  // busybox insmod may not know the compression, so it is undone here.
  if (path.endsWith('.ko')) return readFile(path);
  if (path.endsWith('.gz')) return gunzipSync(await readFile(path));
  if (path.endsWith('.zst')) return zstdDecompressSync(await readFile(path));
  const folder = await mkdtemp(join(tmpdir(), 'guesthouse-module-'));
  try {
    const copy = join(folder, basename(path));
    await copyFile(path, copy);
    await run(['xz', '--decompress', copy], { signal });
    return await readFile(copy.slice(0, -'.xz'.length));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The kernel treats `-` and `_` in module names alike. */
function canonical(name: string): string {
  return name.replaceAll('-', '_');
}
