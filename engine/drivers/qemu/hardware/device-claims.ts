/** Which running machine has which device of the host: two cannot have the same, and QEMU's own words would not say who has it. */
import type { HostDevice } from '../../../contract/host-device.ts';
import { hostDevices } from '../../../host/devices.ts';
import type { DriverContext } from '../../driver.ts';
import { HOST_PCI, HOST_USB } from '../argv/host-devices.ts';
import { pluggedDevices } from '../hotplug.ts';
import type { LiveMachine } from '../live.ts';

/** What a driver of machines knows beside what all are given. */
export interface MachineContext extends DriverContext {
  readonly devices: DeviceClaims;
}

type Device = Pick<HostDevice, 'bus' | 'address' | 'iommuGroup'>;

export class DeviceClaims {
  readonly #byGuest = new Map<string, readonly Device[]>();

  /** The guest's devices of these buses are these from now on. */
  set(guestId: string, buses: readonly HostDevice['bus'][], devices: readonly Device[]): void {
    const others = (this.#byGuest.get(guestId) ?? []).filter(({ bus }) => !buses.includes(bus));
    this.#byGuest.set(guestId, [...others, ...devices]);
  }

  drop(guestId: string): void {
    this.#byGuest.delete(guestId);
  }

  /** The id of another guest that has it, or one that goes with it; null: nobody has. */
  ownerOf(guestId: string, { bus, address, iommuGroup }: Device): string | null {
    const isTaken = (one: Device) =>
      one.bus === bus &&
      (one.address === address || (bus === 'pci' && iommuGroup !== null && one.iommuGroup === iommuGroup));
    for (const [id, devices] of this.#byGuest) if (id !== guestId && devices.some(isTaken)) return id;
    return null;
  }
}

/** Of a machine that an earlier engine started. */
export async function knowDevices({ devices, devicesRoot }: MachineContext, machine: LiveMachine): Promise<void> {
  const ids = await pluggedDevices(await machine.qmp());
  devices.set(machine.guestId, ['usb', 'pci'], devicesNamed(ids, devicesRoot));
}

/** By what QEMU calls them. `root`: for tests. */
function devicesNamed(ids: readonly string[], root?: string): Device[] {
  const wanted = ids.flatMap((id): Pick<HostDevice, 'bus' | 'address'>[] => {
    if (id.startsWith(HOST_USB)) return [{ bus: 'usb', address: id.slice(HOST_USB.length).replace('-', '.') }];
    const pci = id.startsWith(HOST_PCI) ? /^(\w+)-(\w+)-(\w+)-(\w+)$/.exec(id.slice(HOST_PCI.length)) : null;
    return pci ? [{ bus: 'pci', address: `${pci[1]}:${pci[2]}:${pci[3]}.${pci[4]}` }] : [];
  });
  if (wanted.length === 0) return [];
  const known = hostDevices(root);
  return wanted.map((one) => ({
    iommuGroup: known.find(({ bus, address }) => bus === one.bus && address === one.address)?.iommuGroup ?? null,
    ...one,
  }));
}

/** For messages: the other guest's name. */
export const ownerNames =
  (claims: DeviceClaims, guestId: string, nameOf: DriverContext['nameOf']) =>
  (device: HostDevice): string | null => {
    const owner = claims.ownerOf(guestId, device);
    return owner === null ? null : (nameOf?.(owner) ?? owner);
  };
