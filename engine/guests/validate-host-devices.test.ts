import { expect, test } from 'vitest';
import type { GuestSpec } from '../contract/guest.ts';
import type { HostDevice, HostDeviceRef } from '../contract/host-device.ts';
import type { Image } from '../contract/image.ts';
import { findHostDevice } from '../host/find-device.ts';
import { hostDeviceProblems, validateHostDevices } from './validate-host-devices.ts';

const usb = (device: string): HostDeviceRef => ({ bus: 'usb', device });
const pci = (device: string): HostDeviceRef => ({ bus: 'pci', device });
const found = (over: Partial<HostDevice>): HostDevice => ({
  ...{ bus: 'usb', address: '1.4', ids: '0951:1666', name: 'Stick', driver: null, iommuGroup: null, blocks: [] },
  ...over,
});

test.each([
  [[], 'vm', 'disk', []],
  [[usb('0951:1666'), usb('1.4'), pci('0000:01:00.0')], 'vm', 'disk', []],
  [[pci('0000:01:00.0')], 'vm', 'rootfs', []],
  [[usb('1.4')], 'vm', 'rootfs', ['hostDevices unsupported']],
  [[usb('1.4')], 'container', 'rootfs', ['hostDevices unsupported']],
  [[pci('0000:01:00.0')], 'microvm', 'rootfs', ['hostDevices unsupported']],
  [[usb('1.2'), usb('1.3'), usb('1.4'), usb('1.5')], 'vm', 'disk', ['hostDevices invalid']],
  [[usb('1.4'), usb('1.4')], 'vm', 'disk', ['hostDevices.1.device conflict']],
  [
    [pci('01:00.0'), pci('0000:01:00.9')],
    'vm',
    'disk',
    ['hostDevices.0.device invalid', 'hostDevices.1.device invalid'],
  ],
  [[usb('../../etc'), usb('0.1')], 'vm', 'disk', ['hostDevices.0.device invalid', 'hostDevices.1.device invalid']],
] as const)('%j for a %s of a %s', (hostDevices, isolation, kind, expected) => {
  const said: string[] = [];
  validateHostDevices({ hostDevices, isolation } as unknown as GuestSpec, { kind } as Image, (field, { code }) =>
    said.push(`${field} ${code}`),
  );
  expect(said).toEqual(expected);
});

test('what the host says: absent, blocked, alike', () => {
  const blocked = found({ address: '1.3', blocks: ['Your account may not open it.'] });
  const devices = [blocked, found({}), found({ bus: 'pci', address: '0000:01:00.0', blocks: ['No IOMMU.'] })];
  const said = (asked: HostDeviceRef[], kept: HostDeviceRef[] = []) =>
    hostDeviceProblems(asked, kept, devices).map(({ field, error }) => `${field} ${error.code} ${error.cause ?? ''}`);
  expect(said([usb('0951:1666'), usb('1.4')])).toEqual([]);
  expect(findHostDevice(usb('0951:1666'), devices)?.address).toBe('1.4');
  expect(said([usb('1.3')])).toEqual(['hostDevices.0.device unsupported Your account may not open it.']);
  expect(said([usb('1.9'), pci('0000:01:00.0')])).toEqual([
    'hostDevices.0.device not-found ',
    'hostDevices.1.device unsupported No IOMMU.',
  ]);
  // A device of one's own is looked at when the machine starts; a PCI device is not meant by its kind.
  expect(said([usb('1.9')], [usb('1.9')])).toEqual([]);
  expect(said([pci('0951:1666')])).toEqual(['hostDevices.0.device not-found ']);
});
