import { expect, test } from 'vitest';
import { bareArgv } from './qemu.ts';

test('sockets go, devices stay, the disk is another copy', () => {
  const argv = [
    'qemu-system-x86_64',
    ...['-chardev', 'socket,id=qmp,path=/r/qmp,server=on,wait=off', '-mon', 'chardev=qmp,mode=control'],
    ...['-chardev', 'socket,id=serial,path=/r/serial,server=on', '-serial', 'chardev:serial'],
    ...['-vnc', 'unix:/r/vnc', '-device', 'VGA,id=screen', '-chardev', 'pipe,id=agent,path=/r/agent'],
    ...[
      '-device',
      'virtserialport,chardev=agent',
      '-blockdev',
      '{"file":{"filename":"/home/g/disk.qcow2"}}',
      '-no-reboot',
    ],
  ];
  expect(bareArgv(argv, new Map([['/home/g/disk.qcow2', '/tmp/copy']]))).toEqual([
    'qemu-system-x86_64',
    ...['-chardev', 'stdio,id=serial,signal=off', '-serial', 'chardev:serial', '-device', 'VGA,id=screen'],
    ...['-chardev', 'null,id=agent', '-device', 'virtserialport,chardev=agent'],
    ...['-blockdev', '{"file":{"filename":"/tmp/copy"}}', '-no-reboot'],
  ]);
});
