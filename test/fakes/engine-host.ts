/** The host of the fake engine: what it has, what it can do, and what its doctor finds. */
import type { DiskUse, Finding, Guest, HostDevice, HostDisk, HostInfo } from '../../engine/contract/index.ts';

export const fakeHost = (): HostInfo => ({
  hostname: 'larch',
  os: 'Debian GNU/Linux 12',
  kernel: '6.12.38',
  architecture: 'x86_64',
  cpus: 8,
  memoryMib: 31_949,
  memoryFreeMib: 10_036,
  diskFreeBytes: 182 * 1024 ** 3,
  diskTotalBytes: 466 * 1024 ** 3,
  home: '/home/lena/.local/share/guesthouse',
  version: '0.1.0',
  privilege: 'rootless',
  capabilities: [
    { isolation: 'container', possible: true, reason: null, fix: null, engine: 'runc 1.1.5', notes: [] },
    {
      isolation: 'microvm',
      possible: false,
      reason: 'vhost_vsock is not loaded, and without it no console reaches a microVM.',
      fix: 'sudo modprobe vhost_vsock',
      engine: null,
      notes: [],
    },
    {
      isolation: 'vm',
      possible: true,
      reason: null,
      fix: null,
      engine: 'QEMU 7.2.22, software emulation',
      notes: ['Software emulation: several times slower'],
    },
  ],
  costs: [
    { isolation: 'container', startMs: 90, memoryMib: 9, diskMib: 118, samples: 10 },
    { isolation: 'vm', startMs: 3400, memoryMib: 312, diskMib: 446, samples: 10 },
  ],
});

export const fakeFindings = (): readonly Finding[] => [
  {
    id: 'tpm',
    level: 'warning',
    title: 'TPM',
    found: 'swtpm is not installed: machines have no TPM.',
    fix: 'Install it with `apt install swtpm`.',
    mend: { command: 'apt-get install -y -q --no-install-recommends swtpm', possible: true },
  },
  {
    id: 'runtime',
    level: 'ok',
    title: 'Container runtime',
    found: 'runc 1.1.5 runs containers with limits.',
    fix: null,
  },
  { id: 'qemu', level: 'ok', title: 'QEMU', found: 'QEMU 7.2.22 is installed.', fix: null },
  {
    id: 'kvm',
    level: 'warning',
    title: 'KVM',
    found: '/dev/kvm belongs to group kvm, and you are not in it.',
    fix: 'sudo usermod -aG kvm $USER',
  },
  {
    id: 'cgroup',
    level: 'problem',
    title: 'Limits',
    found: 'No controller is delegated to this account, so limits are not enforced.',
    fix: 'systemctl --user start guesthouse.slice',
  },
  { id: 'disk', level: 'ok', title: 'Disk', found: '182 of 466 GiB are free.', fix: null },
];

/** A disk that is free, and one the host runs from. */
export const fakeDisks = (): HostDisk[] => [
  {
    path: '/dev/sda',
    device: '/dev/sda',
    name: 'ATA Samsung SSD 870',
    partOf: null,
    sizeBytes: 500 * 1000 ** 3,
    blocks: ['The host uses it: / is mounted from it.'],
  },
  {
    path: '/dev/disk/by-id/usb-Kingston_DataTraveler_1A2B3C-0:0',
    device: '/dev/sdb',
    name: 'Kingston DataTraveler',
    partOf: null,
    sizeBytes: 62 * 1000 ** 3,
    blocks: [],
  },
];

/** USB and PCI devices: free, in the host's hands, and a bridge. */
export const fakeDevices = (): HostDevice[] => {
  const device = (bus: HostDevice['bus'], address: string, ids: string, name: string, ...blocks: string[]) => ({
    bus,
    address,
    ids,
    name,
    driver: null,
    iommuGroup: null,
    blocks,
  });
  const noIommu =
    'The host has no IOMMU switched on (firmware: VT-d or AMD-Vi; kernel: intel_iommu=on), so the device could write anywhere.';
  return [
    device(
      'pci',
      '0000:00:1f.0',
      '8086:7a06',
      'bridge',
      'A bridge belongs to the host: what is behind it can be given away.',
    ),
    device('pci', '0000:01:00.0', '10de:2684', 'display adapter', noIommu),
    device('pci', '0000:01:00.1', '10de:22ba', 'multimedia device', noIommu),
    device('usb', '1.2', '0951:1666', 'Kingston DataTraveler 3.0'),
    {
      ...device('usb', '1.4', '1050:0407', 'Yubico YubiKey OTP+FIDO+CCID with a rather long name of its own'),
      askedBy: ['lab'],
    },
    device('usb', '1.1', '1d6b:0002', 'hub', 'A hub belongs to the host: what is plugged into it can be given away.'),
  ];
};

/** A little more for each guest than for the one before it. */
export const fakeDiskUse = (guests: Iterable<Guest>): DiskUse => ({
  imagesBytes: 2643 * 1024 ** 2,
  leftBytes: 310 * 1024 ** 2,
  guests: [...guests].map(({ id, name }, n) => ({ id, name, bytes: (n + 1) * 57 * 1024 ** 2 })),
  volumes: [],
  trash: [],
});
