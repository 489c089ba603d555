/** The network card. */
import type { MachineFound } from '../../../contract/machine.ts';
import type { MachinePlan } from './plan.ts';

const CARDS: Readonly<Record<MachineFound['nic'], string>> = {
  virtio: 'virtio-net-pci',
  e1000e: 'e1000e',
  e1000: 'e1000',
  rtl8139: 'rtl8139',
  vmxnet3: 'vmxnet3',
};

export function network({ tap, guest, hardware }: MachinePlan): string[] {
  if (tap === null) return ['-nic', 'none'];
  return [
    '-netdev',
    `tap,id=net0,ifname=${tap},script=no,downscript=no`,
    '-device',
    // Without its boot firmware: nothing boots from the network.
    `${CARDS[hardware.nic]},netdev=net0,mac=${guest.mac},romfile=`,
  ];
}
