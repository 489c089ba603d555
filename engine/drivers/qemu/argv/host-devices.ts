/** Devices of the host: USB on the machine's controller, PCI in ports of their own. */
import type { MachinePlan } from './plan.ts';
import { portName } from './ports.ts';

/** Of what QEMU calls them: those that are given by us, and may be taken back. */
export const HOST_USB = 'host-usb-';
export const HOST_PCI = 'host-pci-';
/** The machine's USB bus. */
const USB_BUS = 'usb.0';

/** Pure. `address`: `bus.device`, as the host counts. `file`: the device's, as QEMU opens it. */
export function usbDevice(address: string, file: string): { driver: string; id: string } & Record<string, string> {
  return { driver: 'usb-host', id: `${HOST_USB}${address.replace('.', '-')}`, bus: USB_BUS, hostdevice: file };
}

export function hostDevices({ furtherDisks, usbDevices = [], pciDevices = [] }: MachinePlan): string[] {
  return [
    ...usbDevices.map(({ address, file }) => usbDevice(address, file)),
    ...pciDevices.map((address, index) => ({
      driver: 'vfio-pci',
      id: `${HOST_PCI}${address.replaceAll(/[:.]/g, '-')}`,
      host: address,
      bus: portName(furtherDisks.length + index),
    })),
  ].flatMap((device) => ['-device', JSON.stringify(device)]);
}
