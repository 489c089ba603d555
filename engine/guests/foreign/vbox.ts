/** VirtualBox's own description of a machine (`.vbox`, its XML version 1.x). */
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { DiskFormat } from '../../images/disk-header/index.ts';
import { badMachine, type ForeignDisk, type ForeignMachine, shownText, systemOf, wholeNumber } from './machine.ts';
import { all, anywhere, first, parseXml, type XmlNode } from './xml.ts';

const FORMATS: Readonly<Record<string, DiskFormat>> = { vdi: 'vdi', vmdk: 'vmdk', vhd: 'vpc', qcow: 'qcow2' };

/** What it is called, and its number. Throws `bad-data`. */
export function parseVbox(bytes: Uint8Array): {
  readonly id: string;
  readonly name: string;
  readonly machine: XmlNode;
} {
  const root = parseXml(bytes, 'VirtualBox description');
  const machine = root.name === 'VirtualBox' ? first(root, 'Machine') : undefined;
  const id = /^\{?([0-9a-f-]{36})\}?$/i.exec(machine?.attributes.uuid ?? '')?.[1];
  if (machine === undefined || id === undefined) throw badMachine('VirtualBox description', 'it describes no machine');
  return { id, name: machine.attributes.name ?? 'imported', machine };
}

/** `path`: of the description; files it names without a folder are beside it. Throws `bad-data`. */
export function ofVbox(bytes: Uint8Array, path: string): ForeignMachine {
  const { name, machine } = parseVbox(bytes);
  // Older ones keep the hardware's drives outside it.
  const hardware = first(machine, 'Hardware');
  const notes: string[] = [];
  if (machine.attributes.stateFile)
    notes.push('It was saved while running; that state was left out, as after a loss of power.');
  const registry = first(machine, 'MediaRegistry');
  const roots = all(first(registry, 'HardDisks'), 'HardDisk');
  const resolve = (location: string) => (isAbsolute(location) ? location : join(dirname(path), location));
  const disks: ForeignDisk[] = [];
  let iso: string | null = null;
  const controllers = [
    ...all(first(machine, 'StorageControllers'), 'StorageController'),
    ...all(first(hardware, 'StorageControllers'), 'StorageController'),
  ];
  for (const device of controllers.flatMap((controller) => all(controller, 'AttachedDevice'))) {
    const uuid = first(device, 'Image')?.attributes.uuid;
    if (uuid === undefined) continue;
    if (device.attributes.type === 'HardDisk') disks.push(diskOf(uuid, roots, resolve));
    else if (device.attributes.type === 'DVD') iso ??= mediumOf(uuid, registry, resolve);
    else notes.push(`A ${shownText(device.attributes.type ?? 'drive')} was left out.`);
  }
  const nics = all(first(hardware, 'Network'), 'Adapter').filter(
    ({ attributes }) => attributes.enabled === 'true',
  ).length;
  if (nics > 1) notes.push('It had several network cards; it has one here.');
  for (const folder of all(first(hardware, 'SharedFolders'), 'SharedFolder'))
    notes.push(`The shared folder ${shownText(folder.attributes.hostPath ?? '')} was left out.`);
  return {
    name,
    from: 'VirtualBox',
    cpus: wholeNumber(first(hardware, 'CPU')?.attributes.count) ?? 1,
    memoryMib: wholeNumber(first(hardware, 'Memory')?.attributes.RAMSize),
    firmware: /^EFI/i.test(
      first(hardware, 'Firmware')?.attributes.type ?? first(hardware, 'BIOS', 'Firmware')?.attributes.type ?? '',
    )
      ? 'uefi'
      : 'bios',
    architecture: null,
    system: systemOf(machine.attributes.OSType ?? ''),
    disks,
    iso,
    nics,
    notes,
  };
}

function diskOf(uuid: string, roots: readonly XmlNode[], resolve: (location: string) => string): ForeignDisk {
  const disk = roots.find(({ attributes }) => attributes.uuid === uuid);
  if (disk === undefined) {
    const isDifference = roots.some((root) =>
      anywhere(root, 'HardDisk').some(({ attributes }) => attributes.uuid === uuid),
    );
    throw isDifference
      ? badMachine(
          'VirtualBox machine',
          'it has snapshots, so its disk is only a difference',
          'Clone the machine in VirtualBox (current state only) or export it as an OVA.',
        )
      : badMachine('VirtualBox machine', 'it names a disk that VirtualBox does not know');
  }
  const location = disk.attributes.location ?? '';
  if (location === '' || location.includes('\0')) throw badMachine('VirtualBox machine', 'a disk of it is nowhere');
  const format = FORMATS[(disk.attributes.format ?? '').toLowerCase()] ?? null;
  return { name: basename(location), path: resolve(location), format };
}

function mediumOf(uuid: string, registry: XmlNode | undefined, resolve: (location: string) => string): string | null {
  const media = all(first(registry, 'DVDImages'), 'Image');
  const location = media.find(({ attributes }) => attributes.uuid === uuid)?.attributes.location;
  return location === undefined || location.includes('\0') ? null : resolve(location);
}
