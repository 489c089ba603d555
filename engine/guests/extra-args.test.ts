import { expect, test } from 'vitest';
import { refusedArgument } from './extra-args.ts';

test.each([
  [[]],
  [['-device', 'edu']],
  [['-device', 'edu,id=mine,addr=0x1e']],
  [['-object', 'rng-builtin,id=r', '-device', 'virtio-rng-pci,rng=r']],
  [['-smbios', 'type=1,manufacturer=A,,B']],
  [['-global', 'ICH9-LPC.disable_s3=1']],
  [['-cpu', 'max,-avx']],
  [['-no-hpet']],
])('%j may be said', (args) => {
  expect(refusedArgument(args)).toBeNull();
});

test.each([
  [['-sandbox', 'off'], 'confinement'],
  [['--sandbox', 'off'], 'confinement'],
  [['-sandbox=off'], 'confinement'],
  [['-runas', 'root'], 'as whom'],
  [['-daemonize'], 'keeps QEMU'],
  [['-qmp', 'unix:/tmp/x'], 'monitor'],
  [['-monitor', 'stdio'], 'monitor'],
  [['-chardev', 'file,id=x,path=/etc/cron.d/x'], 'files and sockets'],
  [['-drive', 'file=/dev/sda'], 'opens files'],
  [['-blockdev', 'driver=file,filename=/etc/shadow'], 'opens files'],
  [['-readconfig', '/tmp/x'], 'nobody looked'],
  [['-incoming', 'exec:id'], 'from outside'],
  [['-netdev', 'user,id=x'], 'reaches the host'],
  [['-fw_cfg', 'name=a,file=/etc/shadow'], 'opens files'],
  [['-plugin', 'x.so'], 'program'],
  [['-nonesuch'], 'only describe'],
  [['-device', 'vfio-pci,host=01:00.0'], 'piece|reaches'],
  [['-device', 'id=x,driver=vfio-pci'], 'reaches'],
  [['-device', 'loader,file=/etc/shadow'], 'reaches'],
  [['-device', 'virtio-blk-pci,drive=disk0'], 'drive'],
  [['-device', 'e1000,netdev=net0'], 'netdev'],
  [['-device', 'pci-serial,chardev=qmp'], 'chardev'],
  [['-device', 'edu,id=disk0'], 'disk0'],
  [['-device', 'edu,id=disk-data'], 'disk-data'],
  [['-device', 'usb-tablet,id=host-usb-1'], 'host-usb-1'],
  [['-device', 'edu,id=balloon'], 'balloon'],
  [['-device', '{"driver":"vfio-pci"}'], 'write it as'],
  [['-object', 'memory-backend-file,id=m,mem-path=/tmp/x,size=1M'], 'reaches'],
  [['-object', 'id=m,qom-type=memory-backend-file'], 'reaches'],
  [['-object', 'filter-dump,id=f,netdev=net0,file=/tmp/x'], 'reaches'],
  [['-machine', 'pflash1=x'], 'pflash1'],
  [['-machine', 'pc'], 'board'],
  [['-machine', 'accel=kvm'], 'tries'],
  [['-global', 'driver=cfi.pflash01,property=secure,value=off'], 'flash'],
  [['-global', 'virtio-blk-pci.drive=x'], 'drive'],
  [['-boot', 'splash=/etc/shadow'], 'splash'],
  [['-smbios', 'file=/etc/shadow'], 'file'],
  [['-icount', 'shift=1,rr=record,rrfile=/tmp/x'], 'rrfile'],
  [['-device'], 'needs a value'],
  [['edu'], 'no option'],
  [['-device', 'edu\n-x'], 'control character'],
])('%j may not, and is told why', (args, why) => {
  const refused = refusedArgument(args);
  expect(refused?.message).toMatch(new RegExp(why));
  expect(refused?.hint).toMatch(/\.$/);
});
