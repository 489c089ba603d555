import { expect, test } from 'vitest';
import { devicesOn, driveOf } from './look.ts';
import { readMemoryMap, readRegisters } from './words.ts';

const REGISTERS = `
CPU#0
RAX=ffffffff8be16a50 RBX=0000000000000000 RCX=0000000000000001 RDX=0000000000000002
RIP=ffffffff8be16e3b RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1
ES =0000 0000000000000000 ffffffff 00c00000
CR0=80050033 CR2=00007f CR3=000000000480a000 CR4=000006f0
XMM00=00000000000000000000000000000000 XMM01=00000000000000000000ff0000000000

CPU#1
RIP=000000000000fff0 RFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0
`;
const MEMORY = `FlatView #0
 AS "I/O", root: io
 Root memory region: io
  0000000000000000-0000000000000007 (prio 0, i/o): dma-chan

FlatView #1
 AS "memory", root: system
 AS "cpu-memory-0", root: system
 Root memory region: system
  0000000000000000-000000000009ffff (prio 0, ram): pc.ram
  00000000000a0000-00000000000bffff (prio 1, i/o): vga-lowmem
  00000000fee00000-00000000feefffff (prio 4096, i/o): apic-msi

FlatView #2
 AS "other", root: x
  0000000000000000-00000000000fffff (prio 0, ram): no
`;

test('registers by processor', () => {
  const [first, second] = readRegisters(REGISTERS);
  expect(first).toMatchObject({ index: 0, halted: true });
  const named = Object.fromEntries(first?.registers.map(({ name, value }) => [name, value]) ?? []);
  expect(named).toMatchObject({
    RAX: 'ffffffff8be16a50',
    RIP: 'ffffffff8be16e3b',
    ES: '0000',
    CR3: '000000000480a000',
  });
  expect(second).toMatchObject({ index: 1, halted: false, text: expect.stringContaining('RIP=000000000000fff0') });
  expect(readRegisters('')).toEqual([]);
});

test('the memory that programs see', () => {
  expect(readMemoryMap(MEMORY)).toEqual([
    { from: '0000000000000000', to: '000000000009ffff', kind: 'ram', name: 'pc.ram' },
    { from: '00000000000a0000', to: '00000000000bffff', kind: 'i/o', name: 'vga-lowmem' },
    { from: '00000000fee00000', to: '00000000feefffff', kind: 'i/o', name: 'apic-msi' },
  ]);
  expect(readMemoryMap('nothing')).toEqual([]);
});

test('devices with those behind bridges, and drives', () => {
  const disk = { bus: 1, slot: 0, function: 0, class_info: { class: 256 }, id: { vendor: 0x1af4, device: 0x1042 } };
  const bridge = {
    bus: 0,
    slot: 24,
    function: 0,
    qdev_id: 'port0',
    class_info: { desc: 'PCI bridge' },
    id: { vendor: 0x1b36, device: 12 },
    pci_bridge: { devices: [{ ...disk, qdev_id: 'data' }] },
  };
  expect(devicesOn([bridge])).toEqual([
    { slot: '00:18.0', ids: '1b36:000c', description: 'PCI bridge', name: 'port0' },
    { slot: '01:00.0', ids: '1af4:1042', description: 'class 0100', name: 'data' },
  ]);
  const inserted = { file: '/dev/fdset/1', drv: 'qcow2', ro: false, image: { 'virtual-size': 7 } };
  expect(driveOf({ device: '', qdev: '/machine/peripheral/root/virtio-backend', inserted })).toEqual({
    name: 'root',
    file: '/dev/fdset/1',
    format: 'qcow2',
    virtualBytes: 7,
    readOnly: false,
  });
  expect(driveOf({ device: '', qdev: '/machine/peripheral/disk-data/virtio-backend' })).toMatchObject({ name: 'data' });
  expect(driveOf({ device: 'cd', qdev: 'cd' })).toMatchObject({ name: 'cd', file: null });
});
