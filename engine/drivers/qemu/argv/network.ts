/** The network card. */
import type { MachinePlan } from './plan.ts';

export function network({ tap, guest }: MachinePlan): string[] {
  if (tap === null) return ['-nic', 'none'];
  return [
    '-netdev',
    `tap,id=net0,ifname=${tap},script=no,downscript=no`,
    '-device',
    // Without its boot firmware: nothing boots from the network.
    `virtio-net-pci,netdev=net0,mac=${guest.mac},romfile=`,
  ];
}
