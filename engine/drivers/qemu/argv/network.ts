/** The network cards, one for each network. */
import type { MachineFound } from '../../../contract/machine.ts';
import { macOfCard, macOfGuest } from '../../../networks/mac.ts';
import { type MachinePlan, virtio } from './plan.ts';

const CARDS: Readonly<Record<Exclude<MachineFound['nic'], 'virtio'>, string>> = {
  e1000e: 'e1000e',
  e1000: 'e1000',
  rtl8139: 'rtl8139',
  vmxnet3: 'vmxnet3',
};

export function network(plan: MachinePlan): string[] {
  const { taps, guest, hardware, micro } = plan;
  if (taps.length === 0) return ['-nic', 'none'];
  const card = hardware.nic === 'virtio' ? virtio('virtio-net', plan) : CARDS[hardware.nic];
  return taps.flatMap((tap, index) => [
    '-netdev',
    `tap,id=net${index},ifname=${tap},script=no,downscript=no`,
    '-device',
    // Without its boot firmware: nothing boots from the network.
    `${card},netdev=net${index},mac=${macOfCard(macOfGuest(guest), index)}${micro ? '' : ',romfile='}`,
  ]);
}
