/** The initramfs of the small machine that opens the disks of others: busybox, its init, and modules of file systems. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CPIO_FILE, CPIO_PROGRAM, type CpioEntry } from './cpio.ts';
import { baseEntries, type InitramfsRequest, writeInitramfs } from './initramfs.ts';
import { collectModules, type KernelModule, type WantedModules } from './modules.ts';
import { ioctlsProgram } from './tiny-programs.ts';

const INIT = new URL('../../../assets/rescue-init/init', import.meta.url);

/** Lists the init loads by name: `boot` at once, that of a file system before it is mounted. What a kernel lacks is left out. */
const LISTS: Readonly<Record<string, WantedModules>> = {
  boot: { required: ['virtio_pci', 'virtio_blk', 'virtio_console'], optional: [] },
  ext4: { required: [], optional: ['crc32c_generic', 'ext4'] },
  xfs: { required: [], optional: ['crc32c_generic', 'xfs'] },
  btrfs: { required: [], optional: ['crc32c_generic', 'xxhash_generic', 'sha256_generic', 'blake2b_generic', 'btrfs'] },
  vfat: { required: [], optional: ['nls_cp437', 'nls_ascii', 'nls_iso8859-1', 'nls_utf8', 'vfat'] },
  exfat: { required: [], optional: ['nls_utf8', 'exfat'] },
  ntfs3: { required: [], optional: ['nls_utf8', 'ntfs3'] },
  iso9660: { required: [], optional: ['nls_utf8', 'isofs'] },
  squashfs: { required: [], optional: ['squashfs'] },
  erofs: { required: [], optional: ['erofs'] },
  f2fs: { required: [], optional: ['f2fs'] },
  lvm: { required: [], optional: ['dm-mod'] },
  luks: { required: [], optional: ['dm-mod', 'aesni-intel', 'ecb', 'xts', 'essiv', 'dm-crypt'] },
};

/** Changes whenever one built earlier must be built again. */
export const RESCUE_VERSION = `rescue-2-${createHash('sha256')
  .update(readFileSync(fileURLToPath(INIT)))
  .update(JSON.stringify(LISTS))
  .digest('hex')
  .slice(0, 16)}`;

export async function buildRescueInitramfs(request: InitramfsRequest & { applets: readonly string[] }): Promise<void> {
  const modules = new Map<string, KernelModule>();
  const entries: CpioEntry[] = [];
  for (const [list, wanted] of Object.entries(LISTS)) {
    const found = await collectModules(request.modulesFolder, wanted, request.signal);
    for (const one of found) modules.set(one.name, one);
    const names = Buffer.from(found.map(({ name }) => `${name}\n`).join(''));
    entries.push({ path: `modules/${list}.order`, mode: CPIO_FILE, content: names });
  }
  const ioctls = ioctlsProgram(arch());
  entries.push(
    ...[...modules.values()].map((one) => ({ path: `modules/${one.name}.ko`, mode: CPIO_FILE, content: one.content })),
    { path: 'init', mode: CPIO_PROGRAM, content: await readFile(fileURLToPath(INIT)) },
    ...(ioctls ? [{ path: 'bin/ioctls', mode: CPIO_PROGRAM, content: ioctls }] : []),
  );
  const names = [...new Set(request.applets.map((path) => path.slice(path.lastIndexOf('/') + 1)))];
  const base = await baseEntries(request, [...names.filter((name) => name !== 'busybox').sort()], ['fs']);
  await writeInitramfs([...base, ...entries], request);
}
