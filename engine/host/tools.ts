/** Programs of the host the engine uses: where they are, and the package that has them. */
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { cleanEnv } from './environment.ts';

export type PackageSystem = 'apt' | 'dnf' | 'pacman' | 'zypper';

/** What installs a package, by the program whose presence shows the system. In the order they are looked for. */
const SYSTEMS: readonly { readonly system: PackageSystem; readonly program: string; readonly install: string }[] = [
  { system: 'apt', program: 'apt-get', install: 'apt install' },
  { system: 'dnf', program: 'dnf', install: 'dnf install' },
  { system: 'pacman', program: 'pacman', install: 'pacman -S' },
  { system: 'zypper', program: 'zypper', install: 'zypper install' },
];

type Packages = Readonly<Partial<Record<PackageSystem, string>>>;

const everywhere = (name: string): Packages => ({ apt: name, dnf: name, pacman: name, zypper: name });
const UTIL_LINUX = everywhere('util-linux');
const UIDMAP: Packages = { apt: 'uidmap', dnf: 'shadow-utils', pacman: 'shadow', zypper: 'shadow' };

/**
 * Package by program and system; a system that is missing has none. main/setup/parts.js, which runs before anything
 * of the engine can, says the same (test/architecture/tools.test.ts compares them).
 */
export const PACKAGES: Readonly<Record<string, Packages>> = {
  'qemu-system-x86_64': { ...everywhere('qemu-system-x86'), zypper: 'qemu-x86' },
  'qemu-img': { ...everywhere('qemu-img'), apt: 'qemu-utils', zypper: 'qemu-img' },
  'qemu-system-aarch64': {
    apt: 'qemu-system-arm',
    dnf: 'qemu-system-aarch64',
    pacman: 'qemu-system-aarch64',
    zypper: 'qemu-arm',
  },
  'qemu-system-riscv64': {
    apt: 'qemu-system-misc',
    dnf: 'qemu-system-riscv',
    pacman: 'qemu-system-riscv',
    zypper: 'qemu-extra',
  },
  swtpm: everywhere('swtpm'),
  /** UEFI for machines; no program, so it is asked for under a name of ours. */
  'uefi-x86_64': { apt: 'ovmf', dnf: 'edk2-ovmf', pacman: 'edk2-ovmf', zypper: 'qemu-ovmf-x86_64' },
  'uefi-aarch64': { apt: 'qemu-efi-aarch64', dnf: 'edk2-aarch64', pacman: 'edk2-aarch64', zypper: 'qemu-uefi-aarch64' },
  virtiofsd: { ...everywhere('virtiofsd'), apt: 'qemu-system-common' },
  runc: everywhere('runc'),
  crun: everywhere('crun'),
  conmon: everywhere('conmon'),
  newuidmap: UIDMAP,
  newgidmap: UIDMAP,
  slirp4netns: everywhere('slirp4netns'),
  dnsmasq: { ...everywhere('dnsmasq'), apt: 'dnsmasq-base' },
  nft: everywhere('nftables'),
  ip: { ...everywhere('iproute2'), dnf: 'iproute' },
  nsenter: UTIL_LINUX,
  unshare: UTIL_LINUX,
  mmdebstrap: { apt: 'mmdebstrap', dnf: 'mmdebstrap' },
  busybox: { ...everywhere('busybox'), apt: 'busybox-static', zypper: 'busybox-static' },
  mke2fs: everywhere('e2fsprogs'),
  tar: everywhere('tar'),
  xz: { ...everywhere('xz'), apt: 'xz-utils' },
  zstd: everywhere('zstd'),
  lz4: everywhere('lz4'),
  cpio: everywhere('cpio'),
  'dpkg-deb': everywhere('dpkg'),
  buildah: everywhere('buildah'),
};

/** Where a program is on our PATH (with the sbin folders); an absolute path is taken as it is. null: not installed. */
export function findProgram(name: string): string | null {
  if (name.startsWith('/')) return isProgram(name) ? name : null;
  for (const folder of (cleanEnv().PATH ?? '').split(':')) {
    const path = join(folder, name);
    // A relative folder would mean another program after a change of the working folder.
    if (folder.startsWith('/') && isProgram(path)) return path;
  }
  return null;
}

/** `missing-tool` with the package that has it. */
export function missingTool(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'missing-tool',
    message: `The program ${name} is not installed.`,
    subject: name,
    hint: name in PACKAGES ? installHint(name) : 'Run `guesthouse doctor` to see what is missing.',
  });
}

/** How the packages of these programs are installed: the command of this host's package system, or of each. */
export function installHint(...programs: readonly string[]): string {
  return installSentence(programs, packageSystem());
}

/** null: none that we know. */
export const packageSystem = (): PackageSystem | null =>
  SYSTEMS.find(({ program }) => findProgram(program) !== null)?.system ?? null;

/** Names of packages, each once; programs without one are left out. Pure. */
export function packagesFor(programs: readonly string[], system: PackageSystem): readonly string[] {
  const packages = programs.map((program) => (PACKAGES[program] ?? everywhere(program))[system]);
  return [...new Set(packages.filter((name) => name !== undefined))];
}

/** `system` null: none that we know. Pure. */
export function installSentence(programs: readonly string[], system: PackageSystem | null): string {
  const commands = SYSTEMS.filter((one) => system === null || one.system === system).flatMap((one) => {
    const names = packagesFor(programs, one.system);
    return names.length > 0 ? [`\`${one.install} ${names.join(' ')}\``] : [];
  });
  if (commands.length === 0) return `This system has no package of ${programs.join(' and ')}; install it by hand.`;
  if (commands.length === 1) return `Install it with ${commands[0]}.`;
  return `Install it with ${commands.slice(0, -1).join(', ')} or ${commands.at(-1)}.`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
