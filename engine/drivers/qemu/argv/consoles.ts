/** The monitor, the serial line, the screen, what points at it, and what sounds. */
import type { MachineFound, VideoModel } from '../../../contract/machine.ts';
import { BOARDS } from '../hardware/boards.ts';
import { type MachinePlan, ROOM, virtio } from './plan.ts';

/** The device that all virtio-serial ports are on. */
export const PORTS_BUS = 'ports';
/** As many as the device can have: each further program in the guest takes one or two (exec/port.ts). */
export const MAX_PORTS = 31;
/** Where no such programs are; the first is not used. */
const FEW_PORTS = 4;
/** The chardev of the guest agent. */
export const GUEST_AGENT = 'guest-agent';

/** What is played into: nothing of the host's, but whoever listens on the screen's socket hears it. */
export const SOUND = 'sound';

export function monitor(): string[] {
  return ['-chardev', `socket,id=qmp,path=${ROOM.qmp},server=on,wait=off`, '-mon', 'chardev=qmp,mode=control'];
}

export function consoles(plan: MachinePlan): string[] {
  const { serialLog, boot, hardware } = plan;
  return [
    '-chardev',
    `socket,id=serial,path=${ROOM.serial},server=on,wait=off,logfile=${serialLog},logappend=on`,
    '-serial',
    'chardev:serial',
    ...(hardware.sound === 'none' ? [] : ['-audiodev', `none,id=${SOUND}`]),
    ...(hardware.video === 'none' ? [] : screen(hardware, hardware.video)),
    ...(boot
      ? // A pipe is always open, unlike a socket: the guest can read and write whether or not somebody listens.
        [
          '-chardev',
          `pipe,id=agent,path=${ROOM.agent}`,
          '-device',
          `${virtio('virtio-serial', plan)},id=${PORTS_BUS},max_ports=${MAX_PORTS}`,
          '-device',
          'virtserialport,chardev=agent,nr=1,name=guesthouse.agent',
          ...guestAgentPort(),
          ...clipboardPort(plan),
          ...keptLines(plan),
        ]
      : [
          ...(hasGuestAgentPort(plan)
            ? [
                '-device',
                `virtio-serial-pci,id=${PORTS_BUS},max_ports=${FEW_PORTS},addr=0x17`,
                ...guestAgentPort(),
                ...clipboardPort(plan),
              ]
            : []),
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

/** Where qemu-guest-agent looks for its host, on every system. */
function guestAgentPort(): string[] {
  return [
    '-chardev',
    `socket,id=${GUEST_AGENT},path=${ROOM.guestAgent},server=on,wait=off`,
    '-device',
    `virtserialport,bus=${PORTS_BUS}.0,nr=2,chardev=${GUEST_AGENT},name=org.qemu.guest_agent.0`,
  ];
}

/** Where SPICE's agent looks for its host. What speaks to it is QEMU itself, which hands it on to VNC viewers. */
function clipboardPort({ hardware }: MachinePlan): string[] {
  if (!hardware.clipboard) return [];
  return [
    '-chardev',
    'qemu-vdagent,id=clipboard,clipboard=on,mouse=off',
    '-device',
    `virtserialport,bus=${PORTS_BUS}.0,nr=3,chardev=clipboard,name=com.redhat.spice.0`,
  ];
}

/** Of programs whose other ends are gone: their memory knows these ports, so they are there until it is in. */
function keptLines({ memory }: MachinePlan): string[] {
  return (memory?.lines ?? []).flatMap(({ name, nr }) => [
    ...['-chardev', `null,id=${name}`],
    ...['-device', `virtserialport,bus=${PORTS_BUS}.0,nr=${nr},chardev=${name},id=${name}`],
  ]);
}

/** Where the system has drivers of virtio. */
export function hasGuestAgentPort({ boot, hardware: { diskBus, nic } }: MachinePlan): boolean {
  return boot !== null || diskBus === 'virtio' || nic === 'virtio';
}

function screen({ architecture, sound }: MachineFound, video: VideoModel): string[] {
  const cards = { std: 'VGA', virtio: 'virtio-vga', qxl: 'qxl-vga', vmware: 'vmware-svga' };
  return [
    '-vnc',
    // What the machine plays goes to viewers that ask for it.
    `unix:${ROOM.vnc},share=force-shared${sound === 'none' ? '' : `,audiodev=${SOUND}`}`,
    '-device',
    `${BOARDS[architecture].pc ? cards[video] : 'virtio-gpu-pci'},id=screen`,
  ];
}

function soundCard({ sound }: MachineFound): string[] {
  if (sound === 'none') return [];
  if (sound === 'ac97') return ['-device', `AC97,audiodev=${SOUND}`];
  return ['-device', 'ich9-intel-hda,id=hda', '-device', `hda-output,bus=hda.0,audiodev=${SOUND}`];
}
