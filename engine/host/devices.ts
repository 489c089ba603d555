/** USB and PCI devices of the host (Linux: sysfs), and what is in the way of giving each to a machine. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { HostDevice } from '../contract/host-device.ts';
import { mayUse } from './files.ts';

/** A guest's driver of the host for PCI devices (Documentation/driver-api/vfio.rst). */
const VFIO = 'vfio-pci';
/** Of the class code: the first byte. */
const KINDS: Readonly<Record<number, string>> = {
  1: 'storage controller',
  2: 'network card',
  3: 'display adapter',
  4: 'multimedia device',
  5: 'memory controller',
  6: 'bridge',
  7: 'communication controller',
  8: 'system device',
  12: 'serial bus controller',
  13: 'wireless controller',
  18: 'accelerator',
};
const BRIDGE = 0x06;
const USB_HUB = 0x09;

interface PciFacts {
  readonly address: string;
  readonly ids: string;
  readonly kind: number;
  readonly driver: string | null;
  readonly group: number | null;
  readonly showsHost: boolean;
}

/** `root`: for tests. Devices that vanish while they are read are left out. */
export function hostDevices(root = '/'): HostDevice[] {
  return [...pciDevices(root), ...usbDevices(root)];
}

function pciDevices(root: string): HostDevice[] {
  const folder = join(root, 'sys/bus/pci/devices');
  const all = names(folder).flatMap((address): PciFacts[] => {
    const at = join(folder, address);
    const kind = Number.parseInt(text(join(at, 'class')), 16) >> 16;
    if (!Number.isFinite(kind)) return [];
    return [
      {
        address,
        ids: `${hex(text(join(at, 'vendor')))}:${hex(text(join(at, 'device')))}`,
        kind,
        driver: linkName(join(at, 'driver')),
        group: numberOf(linkName(join(at, 'iommu_group'))),
        showsHost: text(join(at, 'boot_vga')) === '1',
      },
    ];
  });
  return all.map((one) => ({
    bus: 'pci' as const,
    address: one.address,
    ids: one.ids,
    name: KINDS[one.kind] ?? 'device',
    driver: one.driver,
    iommuGroup: one.group,
    blocks: pciBlocks(one, all, root),
  }));
}

function pciBlocks(device: PciFacts, all: readonly PciFacts[], root: string): string[] {
  if (device.kind === BRIDGE) return ['A bridge belongs to the host: what is behind it can be given away.'];
  const { group, driver } = device;
  if (group === null) {
    return [
      'The host has no IOMMU switched on (firmware: VT-d or AMD-Vi; kernel: intel_iommu=on), so the device could write anywhere.',
    ];
  }
  const node = join(root, 'dev/vfio', String(group));
  const others = all.filter((one) => one !== device && one.group === group && one.kind !== BRIDGE);
  const held = others.filter((one) => one.driver !== null && one.driver !== VFIO);
  return [
    ...(device.showsHost ? ['The host shows its own screen with it.'] : []),
    ...(driver === null || driver === VFIO ? [] : [`The host uses it, by its driver ${driver}.`]),
    ...(driver === VFIO
      ? []
      : [`It has to be bound to ${VFIO} first (driverctl set-override ${device.address} ${VFIO}).`]),
    ...held.map(
      (one) =>
        `${one.address}, used by the host's driver ${one.driver}, has to go with it: both are in IOMMU group ${group}.`,
    ),
    ...(driver === VFIO && !mayUse(node) ? [`Your account may not open ${node}.`] : []),
  ];
}

function usbDevices(root: string): HostDevice[] {
  const folder = join(root, 'sys/bus/usb/devices');
  return names(folder).flatMap((name): HostDevice[] => {
    // Interfaces (`1-4:1.0`) and the hubs that are ports of the host itself (`usb1`) are no devices to give away.
    if (!/^\d+-[\d.]+$/.test(name)) return [];
    const at = join(folder, name);
    const [bus, number] = [numberOf(text(join(at, 'busnum'))), numberOf(text(join(at, 'devnum')))];
    if (bus === null || number === null) return [];
    const words = [text(join(at, 'manufacturer')), text(join(at, 'product'))].filter(Boolean).join(' ');
    const isHub = Number.parseInt(text(join(at, 'bDeviceClass')), 16) === USB_HUB;
    const drivers = names(at)
      .filter((part) => part.startsWith(`${name}:`))
      .map((part) => linkName(join(at, part, 'driver')));
    const node = usbNode(`${bus}.${number}`, root);
    return [
      {
        bus: 'usb',
        address: `${bus}.${number}`,
        ids: `${hex(text(join(at, 'idVendor')))}:${hex(text(join(at, 'idProduct')))}`,
        name: printable(words) || (isHub ? 'hub' : 'device'),
        driver: drivers.find((driver) => driver !== null) ?? null,
        iommuGroup: null,
        blocks: [
          ...(isHub ? ['A hub belongs to the host: what is plugged into it can be given away.'] : []),
          ...(isHub || mayUse(node) ? [] : [`Your account may not open ${node}: a udev rule could allow it.`]),
        ],
      },
    ];
  });
}

/** The file by which programs speak to a USB device. `address`: `bus.device`. */
export function usbNode(address: string, root = '/'): string {
  return join(root, 'dev/bus/usb', ...address.split('.').map((number) => number.padStart(3, '0')));
}

/** The files by which programs speak to a PCI device of this IOMMU group. */
export function vfioNodes(group: number): string[] {
  return ['/dev/vfio/vfio', `/dev/vfio/${group}`];
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // no such bus here
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function linkName(path: string): string | null {
  try {
    return basename(readlinkSync(path));
  } catch {
    return null;
  }
}

function numberOf(word: string | null): number | null {
  return word !== null && /^\d+$/.test(word) ? Number(word) : null;
}

function hex(word: string): string {
  return word.replace(/^0x/, '').padStart(4, '0');
}

/** A device writes its own name. */
function printable(words: string): string {
  return words
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, 100)
    .trim();
}
