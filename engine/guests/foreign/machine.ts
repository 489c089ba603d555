/** A machine as another program describes it, before it is one of ours. Everything in it is what somebody wrote. */
import { GuesthouseError } from '../../contract/errors.ts';
import { ARCHITECTURES, type Architecture, type GuestSystem } from '../../contract/machine.ts';
import type { OperationContext } from '../../drivers/driver.ts';
import type { DiskFormat } from '../../images/disk-header/index.ts';

/** How files of machines are read. */
export interface Reading extends Pick<OperationContext, 'signal' | 'progress'> {
  /** `false`: descriptions and headers alone, so no checksum is taken. Left out: all of them. */
  readonly contents?: boolean;
}

/** A file of the host, or a piece of one, that holds a disk. */
export interface ForeignDisk {
  /** For people: the name of the file. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** A piece of the file, e.g. a member of an archive; left out: all of it. */
  readonly piece?: { readonly offset: number; readonly sizeBytes: number };
  /** null: by its content. */
  readonly format: DiskFormat | null;
  /** It is compressed with gzip inside the archive. */
  readonly gzip?: boolean;
  /** What its description says that the guest sees (bytes); left out: nothing. */
  readonly saidBytes?: number;
}

export interface ForeignMachine {
  /** Not fit for anything yet: see `safeName`. */
  readonly name: string;
  /** What it comes from: `VirtualBox`, `VMware`, `libvirt`. */
  readonly from: string;
  readonly cpus: number | null;
  readonly memoryMib: number | null;
  readonly firmware: 'bios' | 'uefi' | 'uefi-secure' | null;
  readonly architecture: Architecture | null;
  /** Whose drivers it has; null: not said. */
  readonly system: GuestSystem | null;
  /** In the order it starts from them. */
  readonly disks: readonly ForeignDisk[];
  /** Absolute path of the medium in its drive. */
  readonly iso: string | null;
  readonly nics: number;
  /** What is not taken over, in sentences. */
  readonly notes: readonly string[];
}

/** What `file` is not. `what`: `OVA file`. */
export function badMachine(
  what: string,
  why: string,
  hint = 'Export the machine again, or import its disk alone.',
): GuesthouseError {
  return new GuesthouseError({ code: 'bad-data', message: `The ${what} cannot be imported: ${why}.`, hint });
}

/** From the names programs have for systems: `debian11-64`, `Windows10_64`, `http://microsoft.com/win/10`. */
export function systemOf(text: string): GuestSystem | null {
  if (/windows|microsoft|(^|[^a-z])win(net|vista|xp|\d|\b)/i.test(text)) return 'windows';
  const bsd = /(free|open|net)bsd/i.exec(text)?.[0].toLowerCase();
  if (bsd !== undefined) return bsd as GuestSystem;
  return /linux|debian|ubuntu|centos|rhel|red-?hat|fedora|suse|sles|arch|gentoo|oracle|rocky|alma|alpine|mint|other[3-6]xlinux/i.test(
    text,
  )
    ? 'linux'
    : null;
}

/** As QEMU names it; null: none that is known here. */
export function architectureOf(text: string | undefined): Architecture | null {
  return text !== undefined && (ARCHITECTURES as readonly string[]).includes(text) ? (text as Architecture) : null;
}

const MAX_NAME = 63;

/** A guest's name made of anything: letters and digits of ours, nothing that could steer a terminal or be a path. */
export function safeName(wish: string): string {
  const name = wish
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/-{2,}/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, MAX_NAME)
    .replace(/[^A-Za-z0-9]+$/, '');
  return name === '' ? 'imported' : name;
}

/** A name nobody has: `web`, `web-2`, ... */
export function freeGuestName(wish: string, taken: ReadonlySet<string>): string {
  const plain = safeName(wish);
  let name = plain;
  for (let number = 2; taken.has(name); number++) {
    const ending = `-${number}`;
    name = `${plain.slice(0, MAX_NAME - ending.length)}${ending}`;
  }
  return name;
}

/** A whole number as text, or null for anything else. */
export function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : null;
}

/** A text of others inside a sentence of ours: short, on one line, nothing that turns it around. */
export function shownText(text: string): string {
  const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').slice(0, 80);
  return JSON.stringify(plain);
}
