/** The network card. */
import type { MachineFound } from '../../../contract/machine.ts';
import { macOfGuest } from '../../../networks/mac.ts';
import { type MachinePlan, virtio } from './plan.ts';

const CARDS: Readonly<Record<Exclude<MachineFound['nic'], 'virtio'>, string>> = {
  e1000e: 'e1000e',
  e1000: 'e1000',
  rtl8139: 'rtl8139',
  vmxnet3: 'vmxnet3',
};

export function network(plan: MachinePlan): string[] {
  const { tap, guest, hardware, micro } = plan;
  if (tap === null) return ['-nic', 'none'];
  return [
    '-netdev',
    `tap,id=net0,ifname=${tap},script=no,downscript=no`,
    '-device',
    // Without its boot firmware: nothing boots from the network.
    `${hardware.nic === 'virtio' ? virtio('virtio-net', plan) : CARDS[hardware.nic]},netdev=net0,mac=${macOfGuest(guest)}${micro ? '' : ',romfile='}`,
  ];
}
