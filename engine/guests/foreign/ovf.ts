/**
 * OVF (DMTF DSP0243, versions 0.9 to 2.1) as VMware and VirtualBox write it. Hardware is a list of items whose
 * `ResourceType` is a number of the CIM schema. Pure.
 */
import type { GuestSystem } from '../../contract/machine.ts';
import { isPlainName } from '../../images/convert/vmdk-parts.ts';
import type { DiskFormat } from '../../images/disk-header/index.ts';
import { badMachine, shownText, systemOf, wholeNumber } from './machine.ts';
import { all, anywhere, first, parseXml, type XmlNode } from './xml.ts';

/** CIM_ResourceAllocationSettingData.ResourceType. */
const TYPE = { processor: 3, memory: 4, network: 10, cd: 15, cdImage: 16, disk: 17, usb: 23, graphics: 24, sound: 35 };
const CONTROLLERS = new Set([5, 6, 7, 8, 20, 21]);

export interface OvfDisk {
  /** Name of the file beside the description. */
  readonly href: string;
  readonly format: DiskFormat | null;
  readonly gzip: boolean;
  /** As the description says; null: not said. */
  readonly sizeBytes: number | null;
}

export interface OvfMachine {
  readonly name: string;
  readonly from: string;
  readonly cpus: number | null;
  readonly memoryMib: number | null;
  readonly firmware: 'bios' | 'uefi' | 'uefi-secure' | null;
  readonly system: GuestSystem | null;
  readonly disks: readonly OvfDisk[];
  readonly nics: number;
  readonly notes: readonly string[];
}

/** Throws `bad-data`. */
export function parseOvf(bytes: Uint8Array): OvfMachine {
  const envelope = parseXml(bytes, 'OVF description');
  if (envelope.name !== 'Envelope') throw badMachine('OVF description', 'it is none');
  const systems = anywhere(envelope, 'VirtualSystem');
  const [system] = systems;
  if (system === undefined) throw badMachine('OVF description', 'it describes no machine');
  if (systems.length > 1)
    throw badMachine('OVF description', `it describes ${systems.length} machines`, 'Export one machine at a time.');
  const notes: string[] = [];
  const hardware = first(system, 'VirtualHardwareSection');
  const items = [...all(hardware, 'Item'), ...all(hardware, 'StorageItem'), ...all(hardware, 'EthernetPortItem')];
  const disks = disksOf(envelope, items, notes);
  noteOthers(items, notes);
  const vbox = first(system, 'Machine');
  const amount = (type: number) => items.find((item) => typeOf(item) === type);
  return {
    name: first(system, 'Name')?.text || vbox?.attributes.name || system.attributes.id || 'imported',
    from: vbox ? 'VirtualBox' : isVmware(envelope) ? 'VMware' : 'OVF',
    cpus: quantity(amount(TYPE.processor)),
    memoryMib: memoryOf(amount(TYPE.memory)),
    firmware: firmwareOf(hardware, vbox),
    system: systemOf(systemText(system, vbox)),
    disks,
    nics: items.filter((item) => typeOf(item) === TYPE.network).length,
    notes,
  };
}

function disksOf(envelope: XmlNode, items: readonly XmlNode[], notes: string[]): OvfDisk[] {
  const files = new Map(all(first(envelope, 'References'), 'File').map((file) => [file.attributes.id ?? '', file]));
  const section = first(envelope, 'DiskSection');
  const described = new Map(all(section, 'Disk').map((disk) => [disk.attributes.diskId ?? '', disk]));
  const drives = items.filter((item) => typeOf(item) === TYPE.disk).sort(inOrder(items));
  return drives.flatMap((item): OvfDisk[] => {
    const host = field(item, 'HostResource') ?? '';
    const [, kind, id = ''] = /^(?:ovf:)?\/(disk|file)\/(.+)$/.exec(host.trim()) ?? [];
    const disk = kind === 'disk' ? described.get(id) : undefined;
    const file = files.get(kind === 'file' ? id : (disk?.attributes.fileRef ?? ''));
    if (file === undefined) {
      notes.push(`A disk without content (${shownText(field(item, 'ElementName') ?? host)}) was left out.`);
      return [];
    }
    const href = file.attributes.href ?? '';
    if (!isPlainName(href))
      throw badMachine('OVF description', `it names the file ${shownText(href)}, which is elsewhere`);
    if (file.attributes.chunkSize !== undefined)
      throw badMachine('OVF description', 'a disk is cut into pieces', 'Export it anew, without pieces.');
    if (disk?.attributes.parentRef !== undefined)
      throw badMachine('OVF description', 'a disk is only the difference to another');
    return [
      {
        href,
        format: formatOf(disk?.attributes.format ?? ''),
        gzip: file.attributes.compression === 'gzip',
        sizeBytes: disk === undefined ? null : capacityOf(disk),
      },
    ];
  });
}

/** By controller and by place on it: the first is the one it starts from. */
function inOrder(items: readonly XmlNode[]): (a: XmlNode, b: XmlNode) => number {
  const place = (item: XmlNode) => {
    const parent = field(item, 'Parent');
    const at = items.findIndex((one) => field(one, 'InstanceID') === parent);
    return (at < 0 ? items.length : at) * 1000 + (wholeNumber(field(item, 'AddressOnParent')) ?? 0);
  };
  return (a, b) => place(a) - place(b);
}

/** From the address of a format's description. */
function formatOf(uri: string): DiskFormat | null {
  if (/vmdk/i.test(uri)) return 'vmdk';
  if (/qcow/i.test(uri)) return 'qcow2';
  return null;
}

function capacityOf({ attributes }: XmlNode): number | null {
  const capacity = wholeNumber(attributes.capacity);
  const bytes = capacity === null ? null : capacity * unitOf(attributes.capacityAllocationUnits ?? 'byte');
  return bytes !== null && Number.isSafeInteger(bytes) ? bytes : null;
}

/** `byte * 2^20`, `MegaBytes`. Answers bytes. */
function unitOf(text: string): number {
  const power = /^\s*byte(?:s)?\s*\*\s*2\^(\d{1,2})\s*$/i.exec(text)?.[1];
  if (power !== undefined && Number(power) <= 50) return 2 ** Number(power);
  const known: Readonly<Record<string, number>> = { kilobytes: 2 ** 10, megabytes: 2 ** 20, gigabytes: 2 ** 30 };
  return known[text.trim().toLowerCase()] ?? 1;
}

function memoryOf(item: XmlNode | undefined): number | null {
  const count = quantity(item);
  if (item === undefined || count === null) return null;
  const unit = unitOf(field(item, 'AllocationUnits') ?? 'byte * 2^20');
  return Math.floor((count * unit) / 2 ** 20);
}

function firmwareOf(hardware: XmlNode | undefined, vbox: XmlNode | undefined): OvfMachine['firmware'] {
  const said = new Map(all(hardware, 'Config').map(({ attributes }) => [attributes.key ?? '', attributes.value ?? '']));
  if (said.get('firmware')?.toLowerCase() === 'efi')
    return said.get('uefi.secureBoot.enabled') === 'true' || said.get('bootOptions.efiSecureBootEnabled') === 'true'
      ? 'uefi-secure'
      : 'uefi';
  if (said.has('firmware')) return 'bios';
  if (vbox === undefined) return null;
  return /^EFI/i.test(first(vbox, 'Hardware', 'Firmware')?.attributes.type ?? '') ? 'uefi' : 'bios';
}

/** What it has and ours will not have. */
function noteOthers(items: readonly XmlNode[], notes: string[]): void {
  const known = new Set([...Object.values(TYPE), ...CONTROLLERS]);
  for (const item of items) {
    const type = typeOf(item);
    const name = shownText(field(item, 'ElementName') ?? field(item, 'Caption') ?? `device of kind ${type}`);
    if (type === TYPE.sound) notes.push(`Its sound card (${name}) was left out.`);
    else if (type !== null && !known.has(type)) notes.push(`A device was left out: ${name}.`);
  }
  if (items.filter((item) => typeOf(item) === TYPE.network).length > 1)
    notes.push('It had several network cards; it has one here.');
}

function typeOf(item: XmlNode): number | null {
  return wholeNumber(field(item, 'ResourceType'));
}

function quantity(item: XmlNode | undefined): number | null {
  return item === undefined ? null : wholeNumber(field(item, 'VirtualQuantity'));
}

function field(item: XmlNode, name: string): string | undefined {
  return first(item, name)?.text;
}

/** All the ways in which it is told what is installed. */
function systemText(system: XmlNode, vbox: XmlNode | undefined): string {
  const section = first(system, 'OperatingSystemSection');
  const said = [section?.attributes.osType, first(section, 'Description')?.text, first(section, 'OSType')?.text];
  return [...said, vbox?.attributes.OSType].filter((one) => one !== undefined).join(' ');
}

/** Its tools tell their build; that a machine is of the kind `vmx-16` others say too. */
function isVmware(envelope: XmlNode): boolean {
  return envelope.attributes.buildId !== undefined || /vmware/i.test(describe(envelope));
}

/** Where programs say who they are. */
function describe(envelope: XmlNode): string {
  const systemType = anywhere(envelope, 'VirtualSystemType').map(({ text }) => text);
  return [...Object.values(envelope.attributes), ...systemType].join(' ');
}
