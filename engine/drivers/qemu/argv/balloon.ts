/** The device by which a machine's system says how it is off for memory (guest-memory.ts). */
import { BALLOON } from '../guest-memory.ts';
import { hasGuestAgentPort } from './consoles.ts';
import { type MachinePlan, virtio } from './plan.ts';

/** Where the system has drivers of virtio; a memory that was kept goes on with the devices it had. */
export function hasBalloon(plan: MachinePlan): boolean {
  return plan.memory ? plan.memory.balloon === true : hasGuestAgentPort(plan);
}

/** Last, and on PCI in a place of its own, so that every other device is where it was in machines without one. */
export function balloon(plan: MachinePlan): string[] {
  if (!hasBalloon(plan)) return [];
  return ['-device', `${virtio('virtio-balloon', plan)},id=${BALLOON}${plan.micro ? '' : ',addr=0x16'}`];
}
