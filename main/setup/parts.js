/**
 * What Guesthouse needs from the system. A part is there when one of the things it looks for is: a program by name, a
 * file by absolute path; so a QEMU somebody built counts as much as a package.
 *
 * `purpose`: `run` for the application, `test` for what only the tests use, `bench` for what is only compared with.
 * A package name that is missing for a package system means: that distribution has no such package.
 *
 * @typedef {'run' | 'test' | 'bench'} Purpose
 * @typedef {'apt' | 'dnf' | 'pacman' | 'zypper'} PackageSystem
 * @typedef {object} Part
 * @property {string[]} look any one of these is enough
 * @property {Purpose} purpose
 * @property {string} without what a person cannot do without it
 * @property {boolean} [mustBeStatic] the program must need no shared library, because it is copied into guests
 * @property {string} [service] starts by itself with the package and is ended again: only the program is wanted
 * @property {Partial<Record<PackageSystem, string>>} packages
 */

/** @param {string} name the same name everywhere */
const everywhere = (name) => ({ apt: name, dnf: name, pacman: name, zypper: name });

const MACHINES = 'virtual machines cannot run';
const CONTAINERS = 'containers cannot run';
const ROOTLESS = 'an ordinary user cannot run guests';
const NETWORKS = 'guests have no network';
const IMAGES = 'images cannot be built or imported';
const CLOUD_IMAGE = 'the test that starts a cloud image (stage soak) is skipped';

/** @type {readonly Part[]} */
export const PARTS = [
  {
    look: [process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64'],
    purpose: 'run',
    without: MACHINES,
    packages: {
      apt: process.arch === 'arm64' ? 'qemu-system-arm' : 'qemu-system-x86',
      dnf: process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86',
      pacman: process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86',
      zypper: process.arch === 'arm64' ? 'qemu-arm' : 'qemu-x86',
    },
  },
  {
    look: ['qemu-img'],
    purpose: 'run',
    without: MACHINES,
    packages: { apt: 'qemu-utils', dnf: 'qemu-img', pacman: 'qemu-img', zypper: 'qemu-img' },
  },
  {
    look: ['/usr/lib/qemu/virtiofsd', '/usr/libexec/virtiofsd', '/usr/lib/virtiofsd', 'virtiofsd'],
    purpose: 'run',
    without: 'machines cannot share folders with the host',
    packages: { apt: 'qemu-system-common', dnf: 'virtiofsd', pacman: 'virtiofsd', zypper: 'virtiofsd' },
  },
  {
    look: [
      '/usr/share/qemu/firmware/60-edk2-x86_64.json',
      '/usr/share/OVMF/OVMF_CODE_4M.fd',
      '/usr/share/OVMF/OVMF_CODE.fd',
      '/usr/share/edk2/ovmf/OVMF_CODE.fd',
      '/usr/share/edk2/x64/OVMF_CODE.4m.fd',
      '/usr/share/qemu/ovmf-x86_64-code.bin',
    ],
    purpose: 'run',
    without: 'machines start from a BIOS only, not from UEFI',
    packages: { apt: 'ovmf', dnf: 'edk2-ovmf', pacman: 'edk2-ovmf', zypper: 'qemu-ovmf-x86_64' },
  },
  { look: ['swtpm'], purpose: 'run', without: 'machines have no TPM', packages: everywhere('swtpm') },
  {
    look: ['qemu-system-aarch64'],
    purpose: 'test',
    without: 'the tests of machines of other architectures are skipped',
    packages: {
      apt: 'qemu-system-arm',
      dnf: 'qemu-system-aarch64',
      pacman: 'qemu-system-aarch64',
      zypper: 'qemu-arm',
    },
  },
  {
    look: ['/usr/share/AAVMF/AAVMF_CODE.fd', '/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw'],
    purpose: 'test',
    without: 'the tests of machines of other architectures are skipped',
    packages: {
      apt: 'qemu-efi-aarch64',
      dnf: 'edk2-aarch64',
      pacman: 'edk2-aarch64',
      zypper: 'qemu-uefi-aarch64',
    },
  },
  {
    look: ['/usr/lib/debian-installer/images/12/arm64/text'],
    purpose: 'test',
    without: "the test that boots Debian's installer for arm64 is skipped",
    packages: { apt: 'debian-installer-12-netboot-arm64' },
  },
  {
    look: ['qemu-system-riscv64'],
    purpose: 'test',
    without: 'the tests of machines of other architectures are skipped',
    packages: { apt: 'qemu-system-misc', dnf: 'qemu-system-riscv', pacman: 'qemu-system-riscv', zypper: 'qemu-extra' },
  },
  {
    look: ['/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin'],
    purpose: 'test',
    without: 'the tests of machines of other architectures are skipped',
    packages: { apt: 'u-boot-qemu' },
  },
  {
    look: ['mformat'],
    purpose: 'test',
    without: 'the tests that start machines from UEFI are skipped',
    packages: everywhere('mtools'),
  },
  { look: ['runc'], purpose: 'run', without: CONTAINERS, packages: everywhere('runc') },
  {
    look: ['crun'],
    purpose: 'run',
    without: 'containers start more slowly (runc is used)',
    packages: everywhere('crun'),
  },
  { look: ['conmon'], purpose: 'run', without: CONTAINERS, packages: everywhere('conmon') },
  {
    look: ['newuidmap'],
    purpose: 'run',
    without: ROOTLESS,
    packages: { apt: 'uidmap', dnf: 'shadow-utils', pacman: 'shadow', zypper: 'shadow' },
  },
  { look: ['slirp4netns'], purpose: 'run', without: NETWORKS, packages: everywhere('slirp4netns') },
  {
    look: ['dnsmasq'],
    purpose: 'run',
    without: NETWORKS,
    // Debian's `dnsmasq` would start a DNS server on the host; dnsmasq-base is the program alone.
    packages: { ...everywhere('dnsmasq'), apt: 'dnsmasq-base' },
  },
  { look: ['nft'], purpose: 'run', without: NETWORKS, packages: everywhere('nftables') },
  { look: ['ip'], purpose: 'run', without: NETWORKS, packages: { ...everywhere('iproute2'), dnf: 'iproute' } },
  { look: ['nsenter'], purpose: 'run', without: CONTAINERS, packages: everywhere('util-linux') },
  {
    look: ['mmdebstrap'],
    purpose: 'run',
    without: 'Debian images cannot be built',
    packages: { apt: 'mmdebstrap', dnf: 'mmdebstrap' },
  },
  {
    look: ['busybox'],
    mustBeStatic: true,
    purpose: 'run',
    without: 'machines cannot boot container images',
    packages: { ...everywhere('busybox'), apt: 'busybox-static', zypper: 'busybox-static' },
  },
  { look: ['mke2fs'], purpose: 'run', without: IMAGES, packages: everywhere('e2fsprogs') },
  { look: ['tar'], purpose: 'run', without: IMAGES, packages: everywhere('tar') },
  { look: ['xz'], purpose: 'run', without: IMAGES, packages: { ...everywhere('xz'), apt: 'xz-utils' } },
  { look: ['zstd'], purpose: 'run', without: IMAGES, packages: everywhere('zstd') },
  { look: ['lz4'], purpose: 'run', without: 'some kernels cannot be unpacked', packages: everywhere('lz4') },
  { look: ['cpio'], purpose: 'run', without: MACHINES, packages: everywhere('cpio') },
  {
    look: ['buildah'],
    purpose: 'run',
    without: 'no image can be built from a Containerfile',
    packages: everywhere('buildah'),
  },
  {
    look: ['dpkg-deb'],
    purpose: 'run',
    without: 'kernels for machines cannot be unpacked',
    packages: everywhere('dpkg'),
  },

  {
    look: ['chromium', 'chromium-browser', 'google-chrome'],
    purpose: 'test',
    without: 'the end-to-end tests are skipped',
    packages: everywhere('chromium'),
  },
  {
    look: [
      '/usr/share/fonts/truetype/dejavu',
      '/usr/share/fonts/dejavu-sans-fonts',
      '/usr/share/fonts/TTF',
      '/usr/share/fonts/truetype',
    ],
    purpose: 'test',
    without: 'the end-to-end tests see a window without letters',
    packages: { apt: 'fonts-dejavu-core', dnf: 'dejavu-sans-fonts', pacman: 'ttf-dejavu', zypper: 'dejavu-fonts' },
  },
  {
    look: ['/usr/lib/grub-rescue/grub-rescue-cdrom.iso'],
    purpose: 'test',
    without: 'the tests that boot an ISO are skipped',
    packages: { apt: 'grub-rescue-pc' },
  },
  {
    look: ['/usr/lib/grub/i386-pc/boot.img'],
    purpose: 'test',
    without: CLOUD_IMAGE,
    packages: { apt: 'grub-pc-bin' },
  },
  { look: ['grub-mkimage'], purpose: 'test', without: CLOUD_IMAGE, packages: { apt: 'grub-common' } },
  { look: ['sfdisk'], purpose: 'test', without: CLOUD_IMAGE, packages: { ...everywhere('util-linux'), apt: 'fdisk' } },
  {
    look: ['/usr/lib/debian-installer/images/12/amd64/text'],
    purpose: 'test',
    without: "the test that boots Debian's installer is skipped",
    packages: { apt: 'debian-installer-12-netboot-amd64' },
  },
  {
    look: ['/usr/lib/ISOLINUX/isolinux.bin'],
    purpose: 'test',
    without: "the test that boots Debian's installer is skipped",
    packages: { apt: 'isolinux' },
  },
  {
    look: ['/usr/lib/syslinux/modules/bios/ldlinux.c32'],
    purpose: 'test',
    without: "the test that boots Debian's installer is skipped",
    packages: { apt: 'syslinux-common' },
  },
  {
    look: ['xorriso'],
    purpose: 'test',
    without: "the test that boots Debian's installer is skipped",
    packages: { apt: 'xorriso' },
  },
  {
    look: ['skopeo'],
    purpose: 'test',
    without: 'the tests of archives made by other tools are skipped',
    packages: everywhere('skopeo'),
  },
  {
    look: ['umoci'],
    purpose: 'test',
    without: 'the tests of archives made by other tools are skipped',
    packages: { apt: 'umoci', zypper: 'umoci' },
  },
  {
    look: ['docker-registry'],
    purpose: 'test',
    without: 'the tests that pull from a real registry are skipped',
    service: 'docker-registry',
    packages: { apt: 'docker-registry' },
  },
  {
    look: ['htpasswd'],
    purpose: 'test',
    without: 'the tests that pull from a real registry are skipped',
    packages: { apt: 'apache2-utils', dnf: 'httpd-tools', pacman: 'apache', zypper: 'apache2-utils' },
  },

  {
    look: ['virsh'],
    purpose: 'test',
    without: 'the tests that import machines of a real libvirt are skipped',
    packages: { apt: 'libvirt-clients', dnf: 'libvirt-client', pacman: 'libvirt', zypper: 'libvirt-client' },
  },
  {
    look: ['libvirtd'],
    purpose: 'test',
    without: 'the tests that import machines of a real libvirt are skipped',
    service: 'libvirtd',
    packages: { apt: 'libvirt-daemon-system', dnf: 'libvirt-daemon', pacman: 'libvirt', zypper: 'libvirt-daemon' },
  },

  {
    look: ['dockerd'],
    purpose: 'bench',
    without: 'Docker is not measured',
    packages: { apt: 'docker.io', dnf: 'moby-engine', pacman: 'docker', zypper: 'docker' },
  },
  { look: ['podman'], purpose: 'bench', without: 'Podman is not measured', packages: everywhere('podman') },
];

/** The parts a purpose asks for. @param {Purpose} purpose */
export function partsFor(purpose) {
  return PARTS.filter(
    (part) => part.purpose === 'run' || part.purpose === purpose || (purpose === 'bench' && part.purpose === 'test'),
  );
}
