/** VMX: a VMware machine's settings, one `key = "value"` a line. Pure. */
import type { GuestSystem } from '../../contract/machine.ts';
import { badMachine, shownText, systemOf, wholeNumber } from './machine.ts';

export interface VmxMachine {
  readonly name: string;
  readonly cpus: number | null;
  readonly memoryMib: number | null;
  readonly firmware: 'bios' | 'uefi' | 'uefi-secure';
  readonly system: GuestSystem | null;
  /** Names of files as written, in the order of controllers. */
  readonly disks: readonly string[];
  /** As written: an absolute path, or one beside the settings. */
  readonly iso: string | null;
  readonly nics: number;
  readonly notes: readonly string[];
}

const MAX_VMX_BYTES = 1024 * 1024;
const CONTROLLERS = ['nvme', 'scsi', 'sata', 'ide'];

/** Throws `bad-data`. */
export function parseVmx(bytes: Uint8Array): VmxMachine {
  if (bytes.length > MAX_VMX_BYTES) throw badMachine('VMX file', 'it is too large');
  const settings = readSettings(Buffer.from(bytes).toString('utf8'));
  if (!settings.has('virtualhw.version') && !settings.has('config.version')) throw badMachine('VMX file', 'it is none');
  if (settings.has('encryption.keysafe'))
    throw badMachine('VMX file', 'it is encrypted', 'Decrypt the machine in VMware first.');
  const notes: string[] = [];
  const isOn = (key: string) => settings.get(key)?.toLowerCase() === 'true';
  const drives = [...settings.keys()]
    .map((key) => /^(nvme|scsi|sata|ide)(\d{1,2}):(\d{1,2})\.filename$/.exec(key))
    .filter((found) => found !== null)
    .map(([, bus = '', controller, unit]) => ({
      bus,
      order: Number(controller) * 1000 + Number(unit),
      at: `${bus}${controller}:${unit}`,
    }))
    .filter(({ at }) => settings.get(`${at}.present`)?.toLowerCase() !== 'false')
    .sort((a, b) => CONTROLLERS.indexOf(a.bus) - CONTROLLERS.indexOf(b.bus) || a.order - b.order);
  const disks: string[] = [];
  let iso: string | null = null;
  for (const { at } of drives) {
    const file = settings.get(`${at}.filename`) as string;
    const type = (settings.get(`${at}.devicetype`) ?? '').toLowerCase();
    if (type === 'cdrom-image') iso ??= file;
    else if (type.startsWith('cdrom') || type.startsWith('atapi'))
      notes.push('Its drive for media of the host was left out.');
    else if (/rawdisk|scsi-passthru/.test(type)) notes.push(`A disk of its host (${shownText(file)}) was left out.`);
    else disks.push(file);
  }
  const nics = [...settings.keys()].filter((key) => /^ethernet\d{1,2}\.present$/.test(key) && isOn(key)).length;
  if (nics > 1) notes.push('It had several network cards; it has one here.');
  if (isOn('sound.present')) notes.push('Its sound card was left out.');
  if (isOn('managedvm.autoaddvtpm') || isOn('vtpm.present'))
    notes.push('Its TPM was left out: what it holds stays with VMware.');
  for (const key of settings.keys())
    if (/^sharedfolder\d{1,2}\.hostpath$/.test(key))
      notes.push(`The shared folder ${shownText(settings.get(key) as string)} was left out.`);
  const isUefi = settings.get('firmware')?.toLowerCase() === 'efi';
  return {
    name: settings.get('displayname') || 'imported',
    cpus: wholeNumber(settings.get('numvcpus')) ?? 1,
    memoryMib: wholeNumber(settings.get('memsize')),
    firmware: !isUefi ? 'bios' : isOn('uefi.secureboot.enabled') ? 'uefi-secure' : 'uefi',
    system: systemOf(settings.get('guestos') ?? ''),
    disks,
    iso,
    nics,
    notes,
  };
}

/** Keys in lower case; `|22` stands for a character by its number. */
function readSettings(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([A-Za-z0-9_.:-]{1,200})\s*=\s*"([^"]*)"\s*$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    settings.set(
      key.toLowerCase(),
      value.replace(/\|([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    );
  }
  return settings;
}
