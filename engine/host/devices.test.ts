import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostDevices } from './devices.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gh-sys-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${content}\n`);
}
function pci(address: string, facts: { class: string; driver?: string; group?: number; bootVga?: string }): void {
  const at = `sys/bus/pci/devices/${address}`;
  put(`${at}/vendor`, '0x8086');
  put(`${at}/device`, '0x10d3');
  put(`${at}/class`, facts.class);
  if (facts.bootVga) put(`${at}/boot_vga`, facts.bootVga);
  if (facts.driver) symlinkSync(`../../drivers/${facts.driver}`, join(root, at, 'driver'));
  if (facts.group !== undefined) symlinkSync(`../../iommu_groups/${facts.group}`, join(root, at, 'iommu_group'));
}
const blocksOf = (address: string) => hostDevices(root).find((one) => one.address === address)?.blocks;

test('PCI: what is in the way of each', () => {
  pci('0000:00:00.0', { class: '0x060000', group: 0 });
  pci('0000:00:02.0', { class: '0x020000', driver: 'e1000e' });
  pci('0000:01:00.0', { class: '0x030000', driver: 'vfio-pci', group: 7, bootVga: '1' });
  pci('0000:01:00.1', { class: '0x040300', driver: 'snd_hda_intel', group: 7 });
  pci('0000:02:00.0', { class: '0x010802', driver: 'vfio-pci', group: 8 });
  put('dev/vfio/8', '');
  expect(blocksOf('0000:00:00.0')).toEqual([expect.stringContaining('bridge')]);
  expect(blocksOf('0000:00:02.0')).toEqual([expect.stringContaining('no IOMMU')]);
  expect(blocksOf('0000:01:00.0')).toEqual([
    expect.stringContaining('own screen'),
    expect.stringMatching(/^0000:01:00\.1, used by the host's driver snd_hda_intel, .* IOMMU group 7/),
    expect.stringContaining('may not open'),
  ]);
  expect(blocksOf('0000:01:00.1')).toEqual([
    expect.stringContaining('snd_hda_intel'),
    expect.stringContaining('bound to vfio-pci first'),
  ]);
  expect(hostDevices(root).at(-1)).toEqual({
    bus: 'pci',
    address: '0000:02:00.0',
    ids: '8086:10d3',
    name: 'storage controller',
    driver: 'vfio-pci',
    iommuGroup: 8,
    blocks: [],
  });
});

test('USB: devices alone, and who may open them', () => {
  const device = (name: string, number: string, kind = '00') => {
    const at = `sys/bus/usb/devices/${name}`;
    put(`${at}/busnum`, '1');
    put(`${at}/devnum`, number);
    put(`${at}/idVendor`, '0951');
    put(`${at}/idProduct`, '1666');
    put(`${at}/bDeviceClass`, kind);
    return at;
  };
  device('usb1', '1', '09');
  device('1-2', '2', '09');
  const stick = device('1-2.4', '4');
  put(`${stick}/manufacturer`, 'King\u001b[2Jston');
  put(`${stick}/product`, 'Stick');
  put(`${stick}/1-2.4:1.0/bInterfaceNumber`, '00');
  symlinkSync('../../drivers/usb-storage', join(root, stick, '1-2.4:1.0/driver'));
  device('1-3', '9');
  put('dev/bus/usb/001/004', '');
  expect(hostDevices(root)).toMatchObject([
    { address: '1.2', name: 'hub', blocks: [expect.stringContaining('hub')] },
    { address: '1.4', ids: '0951:1666', name: 'King [2Jston Stick', driver: 'usb-storage', blocks: [] },
    { address: '1.9', name: 'device', blocks: [expect.stringContaining('001/009')] },
  ]);
});

test('a host without either', () => {
  expect(hostDevices(root)).toEqual([]);
});
