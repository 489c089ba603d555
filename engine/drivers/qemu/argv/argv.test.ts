import { expect, test } from 'vitest';
import { AUTO_MACHINE, type MachineFound } from '../../../contract/machine.ts';
import { machineArgv } from './argv.ts';
import { optionValue } from './option-value.ts';
import type { MachinePlan } from './plan.ts';

const PLAN: MachinePlan = {
  binary: '/usr/bin/qemu-system-x86_64',
  guest: {
    id: '0123456789ab',
    mac: '52:54:00:aa:bb:cc',
    spec: {
      name: 'web',
      cpus: 1,
      memoryMib: 256,
      diskOptions: { cache: 'writeback', discard: true },
      macAddress: null,
      machine: AUTO_MACHINE,
    },
  },
  accelerator: 'tcg',
  hardware: {
    system: 'linux',
    architecture: 'x86_64',
    firmware: 'none',
    tpm: false,
    diskBus: 'virtio',
    nic: 'virtio',
    video: 'std',
    sound: 'none',
  },
  cpuModel: null,
  uefi: null,
  loader: null,
  sets: new Map([
    [1, '/home/g/disk.qcow2'],
    [2, '/images/base.raw'],
    [3, '/home/g/serial.log'],
  ]),
  disk: '/dev/fdset/1',
  base: { file: '/dev/fdset/2', format: 'raw' },
  boot: { kernel: '/proc/self/fd/6', initrd: '/proc/self/fd/7' },
  cdrom: null,
  furtherDisks: [],
  taps: ['tap0'],
  serialLog: '/dev/fdset/3',
  folders: [],
  sharedMemory: false,
  tpmSocket: null,
  extraArgs: [],
};

const FOLDER = { id: 'folder-0', tag: 'srv', socket: 'folder-0.sock' };

test('a machine from a rootfs image', () => {
  expect(machineArgv(PLAN)).toMatchInlineSnapshot(`
    [
      "/usr/bin/qemu-system-x86_64",
      "-name",
      "guest=web",
      "-uuid",
      "00000000-0000-8000-8000-0123456789ab",
      "-nodefaults",
      "-no-user-config",
      "-sandbox",
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
      "-machine",
      "q35,vmport=off,smbus=off,usb=off,i8042=off,smm=off,hpet=off,sata=off",
      "-accel",
      "tcg,thread=multi,tb-size=256",
      "-cpu",
      "max,la57=off",
      "-smp",
      "cpus=1",
      "-m",
      "size=256M",
      "-rtc",
      "base=utc",
      "-msg",
      "guest-name=off",
      "-display",
      "none",
      "-add-fd",
      "fd=3,set=1,opaque=/home/g/disk.qcow2",
      "-add-fd",
      "fd=4,set=2,opaque=/images/base.raw",
      "-add-fd",
      "fd=5,set=3,opaque=/home/g/serial.log",
      "-chardev",
      "socket,id=qmp,path=qmp.sock,server=on,wait=off",
      "-mon",
      "chardev=qmp,mode=control",
      "-chardev",
      "socket,id=serial,path=serial.sock,server=on,wait=off,logfile=/dev/fdset/3,logappend=on",
      "-serial",
      "chardev:serial",
      "-vnc",
      "unix:vnc.sock,share=force-shared",
      "-device",
      "VGA,id=screen",
      "-chardev",
      "pipe,id=agent,path=agent",
      "-device",
      "virtio-serial-pci,id=ports,max_ports=31",
      "-device",
      "virtserialport,chardev=agent,nr=1,name=guesthouse.agent",
      "-chardev",
      "socket,id=guest-agent,path=guest-agent.sock,server=on,wait=off",
      "-device",
      "virtserialport,bus=ports.0,nr=2,chardev=guest-agent,name=org.qemu.guest_agent.0",
      "-kernel",
      "/proc/self/fd/6",
      "-initrd",
      "/proc/self/fd/7",
      "-append",
      "console=ttyS0 quiet panic=-1 cryptomgr.notests=1 random.trust_cpu=on no_timer_check noreplace-smp",
      "-fw_cfg",
      "name=opt/guesthouse/config,file=config",
      "-no-reboot",
      "-device",
      "pcie-root-port,id=port0,chassis=1,multifunction=on,addr=0x18.0,io-reserve=0",
      "-device",
      "pcie-root-port,id=port1,chassis=2,addr=0x18.1,io-reserve=0",
      "-device",
      "pcie-root-port,id=port2,chassis=3,addr=0x18.2,io-reserve=0",
      "-device",
      "pcie-root-port,id=port3,chassis=4,addr=0x18.3,io-reserve=0",
      "-blockdev",
      "{"driver":"qcow2","node-name":"disk0","read-only":false,"discard":"unmap","detect-zeroes":"unmap","cache":{"direct":false,"no-flush":false},"file":{"driver":"file","filename":"/dev/fdset/1","discard":"unmap","cache":{"direct":false,"no-flush":false}},"backing":{"driver":"raw","read-only":true,"file":{"driver":"file","filename":"/dev/fdset/2"}}}",
      "-device",
      "virtio-blk-pci,drive=disk0,id=root",
      "-netdev",
      "tap,id=net0,ifname=tap0,script=no,downscript=no",
      "-device",
      "virtio-net-pci,netdev=net0,mac=52:54:00:aa:bb:cc,romfile=",
      "-device",
      "virtio-balloon-pci,id=balloon,addr=0x16",
    ]
  `);
});

test('a microVM: devices in memory, no PCI, no screen, nothing that comes or goes', () => {
  const hardware = { ...PLAN.hardware, video: 'none' } as const;
  const disk = {
    name: 'data',
    file: '/dev/fdset/8',
    format: 'raw',
    base: null,
    isHost: false,
    readOnly: false,
  } as const;
  const furtherDisks = [{ ...disk, cache: 'writeback', discard: true } as const];
  const plan = {
    ...PLAN,
    hardware,
    micro: { tscKhz: 2_096_026 },
    furtherDisks,
    folders: [FOLDER],
    sharedMemory: true,
  };
  const argv = machineArgv(plan);
  expect(said(argv)).toMatchInlineSnapshot(`
    [
      "-machine microvm,isa-serial=on,rtc=on,pit=on,pic=on,x-option-roms=off,auto-kernel-cmdline=off,memory-backend=ram",
      "-cpu max,la57=off",
      "-rtc base=utc",
      "-device virtio-serial-device,id=ports,max_ports=31",
      "-device virtserialport,chardev=agent,nr=1,name=guesthouse.agent",
      "-device virtserialport,bus=ports.0,nr=2,chardev=guest-agent,name=org.qemu.guest_agent.0",
      "-device virtio-blk-device,drive=disk0,id=root",
      "-device {"driver":"virtio-blk-device","id":"disk-data","drive":"disk-data","serial":"data","write-cache":"on","discard":true}",
      "-device virtio-net-device,netdev=net0,mac=52:54:00:aa:bb:cc",
      "-device {"driver":"vhost-user-fs-device","id":"folder-0","chardev":"folder-0","tag":"srv"}",
      "-device virtio-balloon-device,id=balloon",
    ]
  `);
  expect(argv.join(' ')).not.toMatch(/-pci|-vnc|pcie|VGA|romfile/);
  expect(argv[argv.indexOf('-append') + 1]).toContain('tsc_early_khz=2096026');
  // Where the hypervisor says how fast time passes, nobody else does.
  expect(machineArgv({ ...plan, micro: { tscKhz: null } }).join(' ')).not.toContain('tsc_early_khz');
});

test('a machine from an ISO', () => {
  expect(
    machineArgv({ ...PLAN, boot: null, cdrom: '/iso/mini,1.iso', accelerator: 'kvm', taps: [] }),
  ).toMatchInlineSnapshot(`
    [
      "/usr/bin/qemu-system-x86_64",
      "-name",
      "guest=web",
      "-uuid",
      "00000000-0000-8000-8000-0123456789ab",
      "-nodefaults",
      "-no-user-config",
      "-sandbox",
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
      "-machine",
      "q35,vmport=off",
      "-accel",
      "kvm",
      "-cpu",
      "host",
      "-smp",
      "cpus=1",
      "-m",
      "size=256M",
      "-rtc",
      "base=utc",
      "-msg",
      "guest-name=off",
      "-display",
      "none",
      "-add-fd",
      "fd=3,set=1,opaque=/home/g/disk.qcow2",
      "-add-fd",
      "fd=4,set=2,opaque=/images/base.raw",
      "-add-fd",
      "fd=5,set=3,opaque=/home/g/serial.log",
      "-chardev",
      "socket,id=qmp,path=qmp.sock,server=on,wait=off",
      "-mon",
      "chardev=qmp,mode=control",
      "-chardev",
      "socket,id=serial,path=serial.sock,server=on,wait=off,logfile=/dev/fdset/3,logappend=on",
      "-serial",
      "chardev:serial",
      "-vnc",
      "unix:vnc.sock,share=force-shared",
      "-device",
      "VGA,id=screen",
      "-device",
      "virtio-serial-pci,id=ports,max_ports=4,addr=0x17",
      "-chardev",
      "socket,id=guest-agent,path=guest-agent.sock,server=on,wait=off",
      "-device",
      "virtserialport,bus=ports.0,nr=2,chardev=guest-agent,name=org.qemu.guest_agent.0",
      "-device",
      "qemu-xhci,id=usb",
      "-device",
      "usb-tablet,bus=usb.0",
      "-device",
      "pcie-root-port,id=port0,chassis=1,multifunction=on,addr=0x18.0,io-reserve=0",
      "-device",
      "pcie-root-port,id=port1,chassis=2,addr=0x18.1,io-reserve=0",
      "-device",
      "pcie-root-port,id=port2,chassis=3,addr=0x18.2,io-reserve=0",
      "-device",
      "pcie-root-port,id=port3,chassis=4,addr=0x18.3,io-reserve=0",
      "-blockdev",
      "{"node-name":"cd0","driver":"raw","read-only":true,"file":{"driver":"file","filename":"/iso/mini,1.iso"}}",
      "-device",
      "ide-cd,bus=ide.0,bootindex=1,id=cd,drive=cd0",
      "-blockdev",
      "{"driver":"qcow2","node-name":"disk0","read-only":false,"discard":"unmap","detect-zeroes":"unmap","cache":{"direct":false,"no-flush":false},"file":{"driver":"file","filename":"/dev/fdset/1","discard":"unmap","cache":{"direct":false,"no-flush":false}},"backing":{"driver":"raw","read-only":true,"file":{"driver":"file","filename":"/dev/fdset/2"}}}",
      "-device",
      "virtio-blk-pci,drive=disk0,id=root,bootindex=0",
      "-nic",
      "none",
      "-device",
      "virtio-balloon-pci,id=balloon,addr=0x16",
    ]
  `);
});

test('shared folders bring shared memory', () => {
  const argv = machineArgv({ ...PLAN, folders: [FOLDER], sharedMemory: true }).join(' ');
  expect(argv).toContain('memory-backend=ram');
  expect(argv).toContain('-object memory-backend-memfd,id=ram,size=268435456,share=on');
  expect(argv).toContain('-chardev socket,id=folder-0,path=folder-0.sock');
  // In a port, so that it can be taken out, and as many are spare as ever.
  expect(argv).toContain(
    '{"driver":"vhost-user-fs-pci","id":"folder-0","chardev":"folder-0","tag":"srv","bus":"port0"}',
  );
  expect(argv).toContain('id=port4,');
});

test('memory is shared with nothing where no folder is and none can come', () => {
  expect(machineArgv(PLAN).join(' ')).not.toMatch(/memory-backend|share=on/);
  const ready = machineArgv({ ...PLAN, sharedMemory: true }).join(' ');
  expect(ready).toContain('share=on');
  expect(ready).not.toContain('vhost-user-fs');
});

test('a machine that goes on with a kept memory has the ports of programs whose other ends are gone', () => {
  const lines = [{ name: 'session-0a1b2c3d', nr: 4 }];
  const memory = { fd: 9, board: 'pc-q35-7.2', hasCd: false, ports: 5, places: {} };
  const port = '-chardev null,id=session-0a1b2c3d -device virtserialport,bus=ports.0,nr=4,chardev=session-0a1b2c3d';
  expect(machineArgv({ ...PLAN, memory: { ...memory, lines } }).join(' ')).toContain(port);
  expect(machineArgv({ ...PLAN, memory }).join(' ')).not.toContain('session-');
});

test('a machine that goes on with a kept memory has that instead of a kernel, on the board it was kept on', () => {
  const argv = machineArgv({ ...PLAN, memory: { fd: 9, board: 'pc-q35-7.2', hasCd: false, ports: 5, places: {} } });
  for (const word of ['-kernel', '-initrd', '-append']) expect(argv).not.toContain(word);
  expect(argv.slice(-2)).toEqual(['-incoming', 'fd:9']);
  expect(argv).toContain('-no-reboot');
  // One of before there was a balloon goes on without.
  expect(argv.join(' ')).not.toContain('balloon');
  expect(argv.filter((word) => word.startsWith('pcie-root-port'))).toHaveLength(5);
  expect(argv.find((word) => word.startsWith('pc-q35-7.2,'))).toBeDefined();
});

test('a wished hardware address takes the place of its own', () => {
  const spec = { ...PLAN.guest.spec, macAddress: '02-00-00-00-00-0A' };
  const words = machineArgv({ ...PLAN, guest: { ...PLAN.guest, spec } });
  expect(words.find((word) => word.includes('netdev=net0,'))).toContain(',mac=02:00:00:00:00:0a,');
});

test('a comma in a value does not begin an option', () => {
  expect(optionValue('a,b')).toBe('a,,b');
  const spec = { ...PLAN.guest.spec, name: 'a,process=evil' };
  expect(machineArgv({ ...PLAN, guest: { ...PLAN.guest, spec } })).toContain('guest=a,,process=evil');
});

/** Board, processor, clock and devices; ports for later are another matter. */
function said(argv: readonly string[]): string[] {
  const options = ['-machine', '-cpu', '-rtc', '-device'];
  return argv.flatMap((word, index) =>
    options.includes(argv[index - 1] ?? '') && !word.startsWith('pcie-root-port') ? [`${argv[index - 1]} ${word}`] : [],
  );
}

const FIRMWARE_BOOT = { ...PLAN, boot: null, base: null, cdrom: '/dev/fdset/2', accelerator: 'kvm' } as const;
const uefi = { code: { path: '/dev/fdset/4', format: 'raw' }, variables: '/dev/fdset/5', smm: true } as const;

test('UEFI has its program and its variables in flash; with Secure Boot only itself may write them', () => {
  const hardware = { ...PLAN.hardware, firmware: 'uefi-secure' } as const;
  const argv = machineArgv({ ...FIRMWARE_BOOT, hardware, uefi });
  expect(argv).toContain('q35,vmport=off,smm=on,pflash0=efi-code,pflash1=efi-variables');
  expect(argv.filter((word) => word.includes('efi-') && word.startsWith('{'))).toMatchInlineSnapshot(`
    [
      "{"node-name":"efi-code","driver":"raw","read-only":true,"file":{"driver":"file","filename":"/dev/fdset/4"}}",
      "{"node-name":"efi-variables","driver":"qcow2","file":{"driver":"file","filename":"/dev/fdset/5"},"backing":null}",
    ]
  `);
  expect(argv).toContain('driver=cfi.pflash01,property=secure,value=on');
  const plain = machineArgv({ ...FIRMWARE_BOOT, hardware, uefi: { ...uefi, smm: false } }).join(' ');
  expect(plain).toContain('pflash1=efi-variables');
  expect(plain).not.toMatch(/smm|property=secure/);
});

test('Windows: what it has drivers for, local time, and Hyper-V under KVM alone', () => {
  const hardware: MachineFound = {
    ...PLAN.hardware,
    system: 'windows',
    architecture: 'x86_64',
    firmware: 'uefi',
    diskBus: 'sata',
    nic: 'e1000e',
    video: 'std',
    sound: 'hda',
  };
  const argv = machineArgv({ ...FIRMWARE_BOOT, hardware, uefi: { ...uefi, smm: false } });
  expect(said(argv)).toMatchInlineSnapshot(`
    [
      "-machine q35,vmport=off,pcspk-audiodev=sound,hpet=off,pflash0=efi-code,pflash1=efi-variables",
      "-cpu host,hv-relaxed,hv-vapic,hv-spinlocks=0x1fff,hv-vpindex,hv-runtime,hv-synic,hv-stimer,hv-frequencies,hv-time,hv-tlbflush,hv-ipi",
      "-rtc base=localtime,driftfix=slew",
      "-device VGA,id=screen",
      "-device qemu-xhci,id=usb",
      "-device usb-tablet,bus=usb.0",
      "-device ich9-intel-hda,id=hda",
      "-device hda-output,bus=hda.0,audiodev=sound",
      "-device ide-cd,bus=ide.0,bootindex=1,id=cd,drive=cd0",
      "-device ide-hd,bus=ide.1,drive=disk0,id=root,bootindex=0",
      "-device e1000e,netdev=net0,mac=52:54:00:aa:bb:cc,romfile=",
    ]
  `);
  const emulated = machineArgv({ ...FIRMWARE_BOOT, hardware, accelerator: 'tcg' }).join(' ');
  expect(emulated).not.toContain('hv-');
});

test('another architecture: its own board, no PC devices', () => {
  const hardware: MachineFound = {
    ...PLAN.hardware,
    system: 'linux',
    architecture: 'aarch64',
    firmware: 'uefi',
    diskBus: 'virtio',
    nic: 'virtio',
    video: 'virtio',
    sound: 'none',
  };
  const plan = { ...FIRMWARE_BOOT, hardware, accelerator: 'tcg', uefi: { ...uefi, smm: false } } as const;
  const argv = machineArgv({ ...plan, binary: '/usr/bin/qemu-system-aarch64' });
  expect(said(argv)).toMatchInlineSnapshot(`
    [
      "-machine virt,pflash0=efi-code,pflash1=efi-variables",
      "-cpu cortex-a72",
      "-rtc base=utc",
      "-device virtio-gpu-pci,id=screen",
      "-device virtio-serial-pci,id=ports,max_ports=4,addr=0x17",
      "-device virtserialport,bus=ports.0,nr=2,chardev=guest-agent,name=org.qemu.guest_agent.0",
      "-device qemu-xhci,id=usb",
      "-device usb-tablet,bus=usb.0",
      "-device usb-kbd,bus=usb.0",
      "-device virtio-scsi-pci,id=scsi",
      "-device scsi-cd,bus=scsi.0,bootindex=1,id=cd,drive=cd0",
      "-device virtio-blk-pci,drive=disk0,id=root,bootindex=0",
      "-device virtio-net-pci,netdev=net0,mac=52:54:00:aa:bb:cc,romfile=",
      "-device virtio-balloon-pci,id=balloon,addr=0x16",
    ]
  `);
});

test.each([
  ['scsi', 'virtio-scsi-pci,id=scsi scsi-hd,bus=scsi.0,drive=disk0,id=root,bootindex=0'],
  ['nvme', 'nvme,drive=disk0,serial=guesthouse0,id=root,bootindex=0'],
  ['usb', 'usb-storage,bus=usb.0,drive=disk0,id=root,bootindex=0'],
] as const)('a disk on %s', (diskBus, words) => {
  const argv = machineArgv({ ...FIRMWARE_BOOT, cdrom: null, hardware: { ...PLAN.hardware, diskBus } });
  const devices = argv.filter((word, index) => argv[index - 1] === '-device' && /disk0|scsi/.test(word));
  expect(devices.join(' ')).toBe(words);
});

test('a processor and further words as a person gave them', () => {
  const argv = machineArgv({ ...FIRMWARE_BOOT, cpuModel: 'Haswell,-hle', extraArgs: ['-device', 'edu'] });
  expect(argv[argv.indexOf('-cpu') + 1]).toBe('Haswell,-hle');
  expect(argv.slice(-2)).toEqual(['-device', 'edu']);
});

test('a TPM is swtpm at its socket, on each board in its own way', () => {
  const words = (hardware: MachineFound) =>
    machineArgv({ ...FIRMWARE_BOOT, hardware, tpmSocket: 'tpm.sock' }).filter((word) => word.includes('tpm'));
  expect(words(PLAN.hardware)).toEqual([
    'socket,id=tpm,path=tpm.sock',
    '-tpmdev',
    'emulator,id=tpm0,chardev=tpm',
    'tpm-crb,tpmdev=tpm0',
  ]);
  expect(words({ ...PLAN.hardware, architecture: 'aarch64' })).toContain('tpm-tis-device,tpmdev=tpm0');
});

test('the seed of a first login: a disk that cannot be written, or a CD where there is no virtio', () => {
  const argv = machineArgv({ ...PLAN, seed: '/dev/fdset/9' }).join('\n');
  expect(argv).toContain('-blockdev\n{"node-name":"seed","driver":"raw","read-only":true,');
  expect(argv).toContain('-device\nvirtio-blk-pci,drive=seed');
  const hardware = { ...PLAN.hardware, diskBus: 'sata' } as const;
  expect(machineArgv({ ...PLAN, hardware, seed: '/dev/fdset/9' }).join('\n')).toContain('ide-cd,bus=ide.5,drive=seed');
});

test('a machine that may grow, and one that goes on with what it grew by', () => {
  const size = { cpus: 1, maxCpus: 4, memoryMib: 128, maxMemoryMib: 1152 };
  expect(machineArgv({ ...PLAN, size }).join(' ')).toContain('-smp cpus=1,maxcpus=4 -m size=128M,maxmem=1152M');
  const grown = {
    processors: [{ driver: 'max-x86_64-cpu', id: 'cpu1', 'socket-id': 0, 'core-id': 1, 'thread-id': 0 }],
    memory: { port: 2, bytes: 134217728, mostBytes: 1073741824 },
  };
  const memory = { fd: 9, board: 'pc-q35-7.2', hasCd: false, ports: 4, places: {}, grown };
  const argv = machineArgv({ ...PLAN, size, memory }).join(' ');
  expect(argv).toContain('-smp cpus=1,maxcpus=4 ');
  expect(argv).toContain('-device {"driver":"max-x86_64-cpu","id":"cpu1","socket-id":0,"core-id":1,"thread-id":0}');
  expect(argv).toContain('"qom-type":"memory-backend-ram","id":"more-memory","size":1073741824,"reserve":false}');
  expect(argv).toContain('"memdev":"more-memory","requested-size":134217728,"bus":"port2"}');
});

test('devices of the host: USB by a file that was opened, PCI in a slot of its own', () => {
  const plan = {
    ...FIRMWARE_BOOT,
    usbDevices: [{ address: '1.4', file: '/dev/fdset/9' }],
    pciDevices: ['0000:01:00.0'],
    generation: '11111111-2222-4333-8444-555555555555',
  };
  const argv = machineArgv(plan);
  expect(argv.filter((word) => /usb-host|vfio/.test(word))).toEqual([
    '{"driver":"usb-host","id":"host-usb-1-4","bus":"usb.0","hostdevice":"/dev/fdset/9"}',
    '{"driver":"vfio-pci","id":"host-pci-0000-01-00-0","host":"0000:01:00.0","bus":"port0"}',
  ]);
  expect(argv.filter((word) => word.startsWith('pcie-root-port'))).toHaveLength(5);
  expect(argv).toContain('vmgenid,id=generation,guid=11111111-2222-4333-8444-555555555555');
});

test('a clipboard is shared by a port for SPICE’s agent', () => {
  const hardware = { ...PLAN.hardware, clipboard: true };
  for (const boot of [PLAN.boot, null]) {
    const argv = machineArgv({ ...PLAN, boot, hardware }).join(' ');
    expect(argv).toContain('-chardev qemu-vdagent,id=clipboard,clipboard=on,mouse=off');
    expect(argv).toContain('virtserialport,bus=ports.0,nr=3,chardev=clipboard,name=com.redhat.spice.0');
  }
  expect(machineArgv(PLAN).join(' ')).not.toContain('vdagent');
});
