/** What a file or folder is that somebody wants to have as a guest. */
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { isPlainName } from '../../images/convert/vmdk-parts.ts';
import { detectFile } from '../../images/import/detect.ts';
import { type Box, openFolderBox, openTarBox } from './box.ts';
import { parseLibvirt } from './libvirt-xml.ts';
import { badMachine, type ForeignMachine, type Reading, shownText } from './machine.ts';
import { readOvfBox } from './ovf-box.ts';
import { readVagrantBox, VAGRANT_METADATA } from './vagrant.ts';
import { ofVbox } from './vbox.ts';
import { parseVmx } from './vmx.ts';

/** Beginning of a text that tells what it is (bytes). */
const HEAD_BYTES = 8192;
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
export const ACCEPTED_MACHINES =
  'Accepted are files that `guesthouse export` wrote, OVA and OVF, VMX, VirtualBox machines (.vbox), libvirt domain XML, Vagrant boxes, and disks (qcow2, raw, VMDK, VDI, VHD, VHDX).';

/**
 * `unpack` answers the path of a compressed file's content, which lives as long as the act. null: a tar archive that is
 * none of these, perhaps a guest file. Throws `bad-data`, `not-found`, `denied`.
 */
export async function recognise(
  path: string,
  shownPath: string,
  unpack: ((kind: 'gzip' | 'zstd' | 'xz', sizeBytes: number) => Promise<string>) | null,
  reading: Reading,
): Promise<ForeignMachine | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return inFolder(path, reading);
  if (found?.isFile()) {
    const text = await readText(path);
    if (text !== null) return ofText(text, path, reading);
  }
  const { kind, sizeBytes } = await detectFile(path);
  switch (kind) {
    case 'tar':
      return ofArchive(path, shownPath, reading);
    case 'gzip':
    case 'zstd':
    case 'xz':
      if (unpack === null) throw badMachine('file', 'it is compressed more than once');
      return recognise(await unpack(kind, sizeBytes), shownPath, null, reading);
    case 'iso':
      throw new GuesthouseError({
        code: 'invalid',
        message: `${basename(shownPath)} is a medium to install from, not a machine.`,
        subject: shownPath,
        hint: 'Create a machine that starts from it: `guesthouse create NAME --iso FILE`.',
      });
    default:
      return bare({ name: basename(shownPath), path, format: kind }, shownPath);
  }
}

async function ofArchive(path: string, shownPath: string, reading: Reading): Promise<ForeignMachine | null> {
  const first = await firstNames(path);
  if (
    first.some(
      (name) =>
        name === 'guesthouse.json' || name === 'manifest.json' || name === 'index.json' || name === 'oci-layout',
    )
  )
    return null;
  const what = first.includes(VAGRANT_METADATA) ? 'Vagrant box' : 'OVA file';
  const isOva = first.some((name) => /\.ovf$/i.test(name));
  if (!isOva && what === 'OVA file') return null;
  const box = await openTarBox(path, what, what === 'OVA file', reading);
  return ofBox(box, nameOf(shownPath));
}

async function ofBox(box: Box, name: string): Promise<ForeignMachine> {
  if (box.find(VAGRANT_METADATA)) return readVagrantBox(box, name);
  return readOvfBox(box, null);
}

/** Names of the members, without a look at what is in them; damage is left for the real reading to find. */
async function firstNames(path: string): Promise<string[]> {
  const names: string[] = [];
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const header = Buffer.alloc(512);
    for (let at = 0; at + 512 <= size && names.length < 100; ) {
      await file.read(header, 0, 512, at);
      const length = Number.parseInt(header.toString('latin1', 124, 136).replace(/[^0-7]/g, '') || '0', 8);
      const name = header.toString('utf8', 0, 100).split('\0')[0] ?? '';
      if (name === '') break;
      names.push(name.replace(/^(\.\/)+/, ''));
      at += 512 + Math.ceil((header[124] === 0x80 ? header.readUIntBE(130, 6) : length) / 512) * 512;
    }
  } finally {
    await file.close();
  }
  return names;
}

async function inFolder(folder: string, reading: Reading): Promise<ForeignMachine> {
  const box = await openFolderBox(folder, reading);
  if (box.find(VAGRANT_METADATA)) return readVagrantBox(box, nameOf(folder));
  const [description, ...more] = box.names.filter((name) => /\.(ovf|vmx|vbox)$/i.test(name));
  if (description === undefined) throw badMachine(box.what, 'there is no machine in it', ACCEPTED_MACHINES);
  if (more.length > 0)
    throw badMachine(box.what, 'there are several machines in it', 'Name the file of the one to import.');
  const text = await box.read(description);
  return ofText(text, join(folder, description), reading);
}

/** null: it is no text of a kind that describes machines. */
async function readText(path: string): Promise<Buffer | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return null;
  }
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    const begin = head
      .toString('latin1', 0, bytesRead)
      .replace(/\0/g, '')
      .replace(/^[^\x21-\x7e]+/, '');
    const isXml = /^<(\?xml|!--|!DOCTYPE|[A-Za-z])/i.test(begin);
    const isVmx = /^\s*(\.encoding|config\.version|virtualHW\.version)\s*=/im.test(begin);
    if (!isXml && !isVmx) return null;
    if ((await file.stat()).size > MAX_TEXT_BYTES) throw badMachine('description', 'it is too large');
    return await readFile(path);
  } finally {
    await file.close();
  }
}

async function ofText(text: Buffer, path: string, reading: Reading): Promise<ForeignMachine> {
  const begin = text.toString('latin1', 0, HEAD_BYTES).replace(/\0/g, '');
  if (/<([A-Za-z]+:)?Envelope[\s>]/.test(begin)) {
    const box = await openFolderBox(dirname(path), reading);
    return readOvfBox(box, basename(path));
  }
  if (/<VirtualBox[\s>]/.test(begin)) return ofVbox(text, path);
  if (/<domain[\s>]/.test(begin) || /<domainsnapshot|<domstatus/.test(begin))
    return requireDisks(ofLibvirt(text), dirname(path));
  if (/^\s*(\.encoding|config\.version|virtualHW\.version)\s*=/im.test(begin)) return ofVmx(text, path);
  throw badMachine('file', 'it describes no machine that is known here', ACCEPTED_MACHINES);
}

/**
 * A description that came as a file may be a stranger's: what it calls a raw disk, elsewhere on this host, has to look like
 * one, or any file could be carried into a guest.
 */
async function requireDisks(machine: ForeignMachine, folder: string): Promise<ForeignMachine> {
  for (const { path, format, name } of machine.disks) {
    if (format !== 'raw' || dirname(path) === folder) continue;
    const { kind } = await detectFile(path);
    if (kind !== 'raw')
      throw badMachine('libvirt description', `what it calls its disk (${shownText(name)}) is none with partitions`);
  }
  return machine;
}

/** The disks of a libvirt domain are where it says, on this host. */
export function ofLibvirt(text: Uint8Array): ForeignMachine {
  const machine = parseLibvirt(text);
  const absolute = (path: string) => {
    if (!isAbsolute(path) || path.includes('\0'))
      throw badMachine('libvirt description', `it names the disk ${shownText(path)}`);
    return path;
  };
  return {
    ...machine,
    from: 'libvirt',
    disks: machine.disks.map(({ path, format }) => ({ name: basename(path), path: absolute(path), format })),
    iso: machine.iso === null ? null : absolute(machine.iso),
  };
}

function ofVmx(text: Buffer, path: string): ForeignMachine {
  const machine = parseVmx(text);
  const folder = dirname(path);
  const disks = machine.disks.map((name) => {
    if (!isPlainName(name))
      throw badMachine(
        'VMX file',
        `its disk ${shownText(name)} is not in its own folder`,
        'Put its disks beside it, or export the machine as an OVA.',
      );
    return { name, path: join(folder, name), format: 'vmdk' as const };
  });
  const notes = [...machine.notes];
  let iso: string | null = null;
  if (machine.iso !== null && isPlainName(machine.iso)) iso = join(folder, machine.iso);
  else if (machine.iso !== null)
    notes.push(`The medium in its drive (${shownText(machine.iso)}) is elsewhere and was left out.`);
  return { ...machine, from: 'VMware', architecture: null, disks, iso, notes };
}

function bare(disk: ForeignMachine['disks'][number], shownPath: string): ForeignMachine {
  return {
    name: nameOf(shownPath),
    from: 'disk',
    cpus: null,
    memoryMib: null,
    firmware: null,
    architecture: null,
    system: null,
    disks: [disk],
    iso: null,
    nics: 1,
    notes: [],
  };
}

/** Without the endings that say what it is. */
export function nameOf(path: string): string {
  return basename(path).replace(/(\.(ova|ovf|vmx|box|xml|tar|gz|tgz|xz|zst|qcow2|img|raw|vmdk|vdi|vhd|vhdx))+$/i, '');
}
