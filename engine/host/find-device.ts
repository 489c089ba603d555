/** Which of the host's devices a person means, and why it cannot be given to a machine. Pure. */
import type { ErrorShape } from '../contract/errors.ts';
import type { HostDevice, HostDeviceRef } from '../contract/host-device.ts';

/** What a device of each bus is called. */
export const DEVICE_WORDS = { pci: 'PCI device', usb: 'USB device' } as const;
const SEE = 'See `guesthouse devices`.';

/** The one that is meant; of several alike the first that nothing is in the way of. */
export function findHostDevice(ref: HostDeviceRef, devices: readonly HostDevice[]): HostDevice | undefined {
  const fit = devices.filter((one) => one.bus === ref.bus && [one.address, one.ids].includes(ref.device));
  const named = fit.filter((one) => ref.bus === 'usb' || one.address === ref.device);
  return named.find(({ blocks }) => blocks.length === 0) ?? named[0];
}

/** Why the device cannot be given to a machine now; null: it can. */
export function hostDeviceProblem(ref: HostDeviceRef, devices: readonly HostDevice[]): ErrorShape | null {
  const found = findHostDevice(ref, devices);
  if (!found)
    return {
      code: 'not-found',
      message: `There is no ${DEVICE_WORDS[ref.bus]} ${ref.device} on this host.`,
      hint: ref.bus === 'usb' ? `Plug it in. ${SEE}` : SEE,
    };
  if (found.blocks.length === 0) return null;
  return {
    code: 'unsupported',
    message: `The ${DEVICE_WORDS[ref.bus]} ${ref.device} (${found.name}) cannot be given to a machine.`,
    cause: found.blocks.join(' '),
    hint: SEE,
  };
}
