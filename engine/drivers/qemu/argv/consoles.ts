/** The monitor, the serial line, the screen, and what points at it. */
import { type MachinePlan, ROOM } from './plan.ts';

export function monitor(): string[] {
  return ['-chardev', `socket,id=qmp,path=${ROOM.qmp},server=on,wait=off`, '-mon', 'chardev=qmp,mode=control'];
}

export function consoles({ serialLog, boot }: MachinePlan): string[] {
  return [
    '-chardev',
    `socket,id=serial,path=${ROOM.serial},server=on,wait=off,logfile=${serialLog},logappend=on`,
    '-serial',
    'chardev:serial',
    '-vnc',
    `unix:${ROOM.vnc},share=force-shared`,
    '-device',
    'VGA,id=screen',
    ...(boot
      ? // A pipe is always open, unlike a socket: the guest can read and write whether or not somebody listens.
        [
          '-chardev',
          `pipe,id=agent,path=${ROOM.agent}`,
          '-device',
          'virtio-serial-pci,max_ports=2',
          '-device',
          'virtserialport,chardev=agent,nr=1,name=guesthouse.agent',
        ]
      : // An absolute pointer, so that the viewer's and the guest's agree.
        ['-device', 'qemu-xhci,id=usb', '-device', 'usb-tablet,bus=usb.0']),
  ];
}
