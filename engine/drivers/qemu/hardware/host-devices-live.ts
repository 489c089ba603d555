/** USB devices of the host that come to a machine that runs, or go from it. */
import { GuesthouseError } from '../../../contract/errors.ts';
import { usbNode } from '../../../host/devices.ts';
import type { GuestRecord } from '../../driver.ts';
import { HOST_USB, usbDevice } from '../argv/host-devices.ts';
import { pluggedDevices, unplug } from '../hotplug.ts';
import type { LiveMachine } from '../live.ts';
import { giveOver, setsOf, takeBack } from '../qmp/hand-over.ts';
import { type MachineContext, ownerNames } from './device-claims.ts';
import { givenDevices, openUsb } from './host-devices.ts';

/** Throws at the first that does not fit; asked again with the old spec, it goes back to that. */
export async function reconcileUsb(
  { devices: claims, devicesRoot: root, nameOf }: Pick<MachineContext, 'devices' | 'devicesRoot' | 'nameOf'>,
  machine: LiveMachine,
  { spec, id: guestId }: GuestRecord,
): Promise<void> {
  const qmp = await machine.qmp();
  const { usb, devices, notes } = givenDevices(
    spec.hostDevices.filter(({ bus }) => bus === 'usb'),
    root,
    ownerNames(claims, guestId, nameOf),
  );
  claims.set(guestId, ['usb'], devices);
  const wanted = new Map(usb.map((address) => [usbDevice(address, '').id, address]));
  const plugged = (await pluggedDevices(qmp)).filter((id) => id.startsWith(HOST_USB));
  for (const id of plugged.filter((one) => !wanted.has(one))) {
    await unplug(qmp, id);
    const path = usbNode(id.slice(HOST_USB.length).replace('-', '.'), root);
    for (const set of await setsOf(qmp, path)) await takeBack(qmp, set).catch(() => {}); // gone with it
  }
  for (const [id, address] of wanted) {
    if (plugged.includes(id)) continue;
    const { file, path } = await openUsb(address, root);
    const handed = await giveOver(qmp, file, path);
    try {
      await qmp.execute('device_add', usbDevice(address, handed.name));
    } catch (error) {
      await takeBack(qmp, handed.set).catch(() => {});
      throw new GuesthouseError({
        code: 'guest-failed',
        message: `The USB device ${address} could not be given to the machine.`,
        subject: path,
        cause: String((error as GuesthouseError).cause ?? (error as Error).message),
        hint: 'It may be in use by another machine or program; see `guesthouse devices`.',
      });
    }
  }
  for (const note of notes) machine.note(note);
}
