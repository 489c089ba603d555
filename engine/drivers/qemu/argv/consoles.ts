/** The monitor, the serial line, the screen, what points at it, and what sounds. */
import type { MachineFound } from '../../../contract/machine.ts';
import { BOARDS } from '../hardware/boards.ts';
import { type MachinePlan, ROOM } from './plan.ts';

export function monitor(): string[] {
  return ['-chardev', `socket,id=qmp,path=${ROOM.qmp},server=on,wait=off`, '-mon', 'chardev=qmp,mode=control'];
}

export function consoles({ serialLog, boot, hardware }: MachinePlan): string[] {
  return [
    '-chardev',
    `socket,id=serial,path=${ROOM.serial},server=on,wait=off,logfile=${serialLog},logappend=on`,
    '-serial',
    'chardev:serial',
    ...(hardware.sound === 'none' ? [] : ['-audiodev', 'none,id=sound']),
    '-vnc',
    // What the machine plays goes to viewers that ask for it.
    `unix:${ROOM.vnc},share=force-shared${hardware.sound === 'none' ? '' : ',audiodev=sound'}`,
    '-device',
    `${screen(hardware)},id=screen`,
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
      : [
          '-device',
          'qemu-xhci,id=usb',
          // An absolute pointer, so that the viewer's and the guest's agree.
          '-device',
          'usb-tablet,bus=usb.0',
          ...(BOARDS[hardware.architecture].pc ? [] : ['-device', 'usb-kbd,bus=usb.0']),
        ]),
    ...soundCard(hardware),
  ];
}

function screen({ video, architecture }: MachineFound): string {
  if (!BOARDS[architecture].pc) return 'virtio-gpu-pci';
  return { std: 'VGA', virtio: 'virtio-vga', qxl: 'qxl-vga', vmware: 'vmware-svga' }[video];
}

function soundCard({ sound }: MachineFound): string[] {
  if (sound === 'none') return [];
  if (sound === 'ac97') return ['-device', 'AC97,audiodev=sound'];
  return ['-device', 'ich9-intel-hda,id=hda', '-device', 'hda-output,bus=hda.0,audiodev=sound'];
}
