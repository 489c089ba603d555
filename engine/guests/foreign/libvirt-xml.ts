/** A domain of libvirt (libvirt.org/formatdomain.html) as virt-manager and `virsh dumpxml` write it. Pure. */

import type { Architecture, GuestSystem } from '../../contract/machine.ts';
import type { DiskFormat } from '../../images/disk-header/index.ts';
import { architectureOf, badMachine, shownText, systemOf, wholeNumber } from './machine.ts';
import { all, anywhere, first, parseXml, type XmlNode } from './xml.ts';

export interface LibvirtMachine {
  readonly name: string;
  /** null: it has none yet. */
  readonly uuid: string | null;
  readonly cpus: number | null;
  readonly memoryMib: number | null;
  readonly firmware: 'bios' | 'uefi' | 'uefi-secure';
  readonly architecture: Architecture | null;
  readonly system: GuestSystem | null;
  /** Paths of the host. */
  readonly disks: readonly { readonly path: string; readonly format: DiskFormat }[];
  readonly iso: string | null;
  readonly nics: number;
  readonly notes: readonly string[];
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1e3,
  k: 2 ** 10,
  kib: 2 ** 10,
  mb: 1e6,
  m: 2 ** 20,
  mib: 2 ** 20,
  gb: 1e9,
  g: 2 ** 30,
  gib: 2 ** 30,
  tb: 1e12,
  t: 2 ** 40,
  tib: 2 ** 40,
};
const FORMATS: ReadonlySet<string> = new Set(['qcow2', 'raw', 'vmdk', 'vdi', 'vpc', 'vhdx']);
/** Devices that say something about the machine, each with what to call it. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  hostdev: 'A device of the host given to it',
  filesystem: 'A shared folder',
  sound: 'Its sound card',
  tpm: 'Its TPM (what it holds stays with libvirt)',
  redirdev: 'USB redirection',
  smartcard: 'Its smart card reader',
};

/** Throws `bad-data`, and `unsupported` for what is no machine. */
export function parseLibvirt(bytes: Uint8Array): LibvirtMachine {
  const root = parseXml(bytes, 'libvirt description');
  const domain = root.name === 'domain' ? root : anywhere(root, 'domain')[0];
  if (domain === undefined) throw badMachine('libvirt description', 'it is none');
  const type = domain.attributes.type ?? '';
  if (!['kvm', 'qemu', 'hvf', 'test'].includes(type))
    throw badMachine('libvirt description', `it is no machine of QEMU but of the kind ${shownText(type)}`);
  const devices = first(domain, 'devices');
  const notes: string[] = [];
  const disks: { path: string; format: DiskFormat; order: number }[] = [];
  let iso: string | null = null;
  for (const [at, disk] of all(devices, 'disk').entries()) {
    const source = first(disk, 'source')?.attributes ?? {};
    const device = disk.attributes.device ?? 'disk';
    const name = shownText(
      source.file ?? source.dev ?? source.volume ?? source.name ?? first(disk, 'target')?.attributes.dev ?? 'a disk',
    );
    if (device === 'cdrom') {
      if (source.file !== undefined) iso ??= source.file;
    } else if (device !== 'disk') notes.push(`A ${shownText(device)} (${name}) was left out.`);
    else if (source.file === undefined) notes.push(`The disk ${name} is no file and was left out.`);
    else disks.push({ path: source.file, format: formatOf(disk), order: orderOf(disk) ?? 1000 + at });
  }
  for (const [tag, words] of Object.entries(LEFT_OUT))
    for (const _ of all(devices, tag))
      if (!notes.includes(`${words} was left out.`)) notes.push(`${words} was left out.`);
  const nics = all(devices, 'interface').length;
  if (nics > 1) notes.push('It had several network cards; it has one here.');
  if (first(domain, 'os', 'kernel'))
    notes.push('It starts a kernel of its host directly; here it starts from its disk.');
  return {
    name: first(domain, 'name')?.text || 'imported',
    uuid: first(domain, 'uuid')?.text || null,
    cpus: wholeNumber(first(domain, 'vcpu')?.text),
    memoryMib: memoryOf(first(domain, 'memory')),
    firmware: firmwareOf(domain),
    architecture: architectureOf(first(domain, 'os', 'type')?.attributes.arch),
    system: systemOf(first(domain, 'metadata', 'libosinfo', 'os')?.attributes.id ?? ''),
    disks: disks.sort((a, b) => a.order - b.order).map(({ path, format }) => ({ path, format })),
    iso,
    nics,
    notes,
  };
}

/** libvirt never guesses either: without a word it is raw. */
function formatOf(disk: XmlNode): DiskFormat {
  const type = first(disk, 'driver')?.attributes.type ?? 'raw';
  if (FORMATS.has(type)) return type as DiskFormat;
  throw badMachine('libvirt description', `it has a disk of the kind ${shownText(type)}`);
}

function orderOf(disk: XmlNode): number | null {
  return wholeNumber(first(disk, 'boot')?.attributes.order);
}

function memoryOf(memory: XmlNode | undefined): number | null {
  const count = wholeNumber(memory?.text);
  const unit = UNITS[(memory?.attributes.unit ?? 'KiB').toLowerCase()];
  return count === null || unit === undefined ? null : Math.floor((count * unit) / 2 ** 20);
}

function firmwareOf(domain: XmlNode): LibvirtMachine['firmware'] {
  const os = first(domain, 'os');
  const loader = first(os, 'loader');
  if (os?.attributes.firmware !== 'efi' && loader?.attributes.type !== 'pflash') return 'bios';
  const isSecure =
    loader?.attributes.secure === 'yes' ||
    all(first(os, 'firmware'), 'feature').some(
      ({ attributes }) => attributes.name === 'secure-boot' && attributes.enabled === 'yes',
    );
  return isSecure ? 'uefi-secure' : 'uefi';
}
