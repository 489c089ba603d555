/** Calls about the host. */
import { isHostDisk, type MachineDisk } from '../contract/disk.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import type { HostDevice, HostDisk } from '../contract/host-device.ts';
import { blockDevice, sharePlace } from '../host/block-devices.ts';
import { browse } from '../host/browse.ts';
import { hostDevices } from '../host/devices.ts';
import { hostFacts } from '../host/facts.ts';
import { findHostDevice } from '../host/find-device.ts';
import { hostDisks } from '../host/host-disks.ts';
import { lookAtFolder } from '../host/look-at-folder.ts';
import { freePort } from '../host/ports.ts';
import { VERSION } from '../host/version.ts';
import { diskUse } from './disk-use.ts';
import { doctor } from './doctor.ts';
import { mend } from './mend.ts';
import type { CallsOf, Rooms } from './rooms.ts';

export function hostCalls(rooms: Rooms): CallsOf<'host'> {
  const { guests } = rooms;
  return {
    'host.info': async () => {
      const [facts, capabilities] = await Promise.all([
        hostFacts(rooms.paths.home),
        rooms.drivers.all().then((drivers) => Promise.all(drivers.map((driver) => driver.capabilities()))),
      ]);
      return {
        ...facts,
        home: rooms.paths.home,
        version: VERSION,
        privilege: await rooms.house.privilege(),
        capabilities: capabilities.flat(),
        costs: rooms.costs.list(),
      };
    },
    'host.diskUse': () => diskUse(rooms),
    'host.devices': async () => withAskers(hostDevices(), guests.list()),
    'host.disks': async () =>
      hostDisks().map((disk) => ({ ...disk, blocks: [...disk.blocks, ...givenTo(disk, guests.list())] })),
    'host.doctor': ({ fresh }) => doctor(rooms, fresh ?? false),
    'host.mend': async ({ finding: id }) => {
      const finding = (await doctor(rooms, false)).find((one) => one.id === id && one.mend !== undefined);
      if (!finding)
        throw new GuesthouseError({ code: 'not-found', message: 'There is nothing to mend any more.', subject: id });
      // Half-installed packages are worse than none or all.
      await rooms.operations.run(
        { verb: 'mend', targetId: null, target: finding.title, cancellable: false },
        (operation) => mend(finding, operation),
      );
      return doctor(rooms, true);
    },
    'host.freePorts': async ({ wanted }) => {
      const taken = new Set(guests.list().flatMap((guest) => guest.ports.map((port) => port.hostPort)));
      const chosen: number[] = [];
      for (const port of wanted) {
        const free = await freePort('127.0.0.1', port, taken);
        if (free === null) throw new GuesthouseError({ code: 'resources', message: 'No free port was found.' });
        taken.add(free);
        chosen.push(free);
      }
      return chosen;
    },
    'host.browse': ({ path, hidden }) => browse(path, hidden),
    'host.folder': ({ path }) => lookAtFolder(path),
  };
}

function givenTo({ path, device, partOf }: HostDisk, guests: readonly Guest[]): string[] {
  const isIt = (from: string | null) => from === path || from === device;
  const touches = (disk: MachineDisk) => {
    if (isIt(disk.from)) return true;
    const other = isHostDisk(disk) ? blockDevice(disk.from ?? '') : null;
    return other !== null && sharePlace({ path: device, partOf }, other);
  };
  for (const { name, spec } of guests) {
    const found = spec.disks.find(touches);
    if (!found) continue;
    if (isIt(found.from) || blockDevice(found.from ?? '')?.path === device) return [`It is a disk of ${name}.`];
    return [partOf === null ? `A partition of it is a disk of ${name}.` : `It is part of a disk of ${name}.`];
  }
  return [];
}

/** A guest that asks for one of several alike is named at the one it would get. */
function withAskers(devices: readonly HostDevice[], guests: readonly Guest[]): HostDevice[] {
  const asked = guests.flatMap(({ name, spec }) =>
    spec.hostDevices.map((ref) => ({ name, device: findHostDevice(ref, devices) })),
  );
  return devices.map((device) => {
    const askedBy = asked.flatMap((one) => (one.device === device ? [one.name] : []));
    return askedBy.length > 0 ? { ...device, askedBy } : device;
  });
}
