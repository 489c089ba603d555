import { expect, test } from 'vitest';
import { machineArgv } from './argv.ts';
import { optionValue } from './option-value.ts';
import type { MachinePlan } from './plan.ts';

const PLAN: MachinePlan = {
  binary: '/usr/bin/qemu-system-x86_64',
  guest: { id: '0123456789ab', mac: '52:54:00:aa:bb:cc', spec: { name: 'web', cpus: 1, memoryMib: 256 } },
  accelerator: 'tcg',
  sets: new Map([
    [1, '/home/g/disk.qcow2'],
    [2, '/images/base.raw'],
    [3, '/home/g/serial.log'],
  ]),
  disk: '/dev/fdset/1',
  base: { file: '/dev/fdset/2', format: 'raw' },
  boot: { kernel: '/proc/self/fd/6', initrd: '/proc/self/fd/7' },
  cdrom: null,
  tap: 'tap0',
  serialLog: '/dev/fdset/3',
  folderSockets: [],
};

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
      "virtio-serial-pci,max_ports=2",
      "-device",
      "virtserialport,chardev=agent,nr=1,name=guesthouse.agent",
      "-kernel",
      "/proc/self/fd/6",
      "-initrd",
      "/proc/self/fd/7",
      "-append",
      "console=ttyS0 quiet panic=-1 cryptomgr.notests=1 random.trust_cpu=on no_timer_check noreplace-smp",
      "-fw_cfg",
      "name=opt/guesthouse/config,file=config",
      "-no-reboot",
      "-blockdev",
      "{"driver":"qcow2","node-name":"disk0","read-only":false,"discard":"unmap","detect-zeroes":"unmap","file":{"driver":"file","filename":"/dev/fdset/1","discard":"unmap"},"backing":{"driver":"raw","read-only":true,"file":{"driver":"file","filename":"/dev/fdset/2"}}}",
      "-device",
      "virtio-blk-pci,drive=disk0",
      "-netdev",
      "tap,id=net0,ifname=tap0,script=no,downscript=no",
      "-device",
      "virtio-net-pci,netdev=net0,mac=52:54:00:aa:bb:cc,romfile=",
    ]
  `);
});

test('a machine from an ISO', () => {
  expect(
    machineArgv({ ...PLAN, boot: null, cdrom: '/iso/mini,1.iso', accelerator: 'kvm', tap: null }),
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
      "qemu-xhci,id=usb",
      "-device",
      "usb-tablet,bus=usb.0",
      "-blockdev",
      "{"node-name":"cd0","driver":"raw","read-only":true,"file":{"driver":"file","filename":"/iso/mini,1.iso"}}",
      "-device",
      "ide-cd,bus=ide.0,drive=cd0,bootindex=0",
      "-blockdev",
      "{"driver":"qcow2","node-name":"disk0","read-only":false,"discard":"unmap","detect-zeroes":"unmap","file":{"driver":"file","filename":"/dev/fdset/1","discard":"unmap"},"backing":{"driver":"raw","read-only":true,"file":{"driver":"file","filename":"/dev/fdset/2"}}}",
      "-device",
      "virtio-blk-pci,drive=disk0,bootindex=1",
      "-nic",
      "none",
    ]
  `);
});

test('shared folders bring shared memory', () => {
  const argv = machineArgv({ ...PLAN, folderSockets: ['/run/g/folder0.sock'] }).join(' ');
  expect(argv).toContain('memory-backend=ram');
  expect(argv).toContain('-object memory-backend-memfd,id=ram,size=268435456,share=on');
  expect(argv).toContain('vhost-user-fs-pci,chardev=folder0,tag=guesthouse0');
});

test('a comma in a value does not begin an option', () => {
  expect(optionValue('a,b')).toBe('a,,b');
  const spec = { ...PLAN.guest.spec, name: 'a,process=evil' };
  expect(machineArgv({ ...PLAN, guest: { ...PLAN.guest, spec } })).toContain('guest=a,,process=evil');
});
