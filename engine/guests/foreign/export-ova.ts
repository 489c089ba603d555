/** A machine as an OVA: a description, checksums, and its disks as VMDK streams in one tar archive. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasOwnDisk, ROOT_DISK } from '../../contract/disk.ts';
import { GuesthouseError } from '../../contract/errors.ts';
import type { OperationContext } from '../../drivers/driver.ts';
import { writeAll } from '../../host/files.ts';
import { END_MARK, padding, tarHeader } from '../../images/archive/tar-header.ts';
import type { Entry } from '../entry.ts';
import { inWorkFolder } from '../file/work-folder.ts';
import type { GuestRooms } from '../rooms.ts';
import { writeQcow2 } from './export-disk.ts';
import { composeOvf, type OvfGuest } from './ovf-write.ts';
import { recognise } from './recognise.ts';

const PIECE_BYTES = 1024 * 1024;

/** Into the file `draft`, which is there and empty. Answers its size (bytes). */
export function writeOva(rooms: GuestRooms, entry: Entry, draft: string, operation: OperationContext): Promise<number> {
  return inWorkFolder(rooms.context.paths.home, async (folder) => {
    const { spec } = entry.manifest;
    const { name, disks } = spec;
    requireNoHostDisks(entry);
    const own = hasOwnDisk(spec) ? [ROOT_DISK] : [];
    const files: { href: string; path: string; sizeBytes: number; virtualBytes: number }[] = [];
    for (const [index, disk] of [...own, ...disks.map((one) => one.name)].entries()) {
      const path = join(folder, `disk-${index + 1}.vmdk`);
      const virtualBytes = await writeVmdk(rooms, entry, disk, folder, path, operation);
      const { size: sizeBytes } = await stat(path);
      files.push({ href: `${name}-disk${index + 1}.vmdk`, path, sizeBytes, virtualBytes });
    }
    const ovf = Buffer.from(composeOvf(await guestOf(entry, files)));
    const sums = [[`${name}.ovf`, createHash('sha256').update(ovf).digest('hex')]];
    for (const { href, path, sizeBytes } of files) sums.push([href, await digestOf(path, sizeBytes, operation)]);
    const manifest = Buffer.from(sums.map(([file, sum]) => `SHA256(${file})= ${sum}\n`).join(''));
    const archive = await open(draft, 'r+');
    try {
      // The description comes first and the disks last: who reads it as a stream needs that order.
      let at = await putBytes(archive, 0, `${name}.ovf`, ovf);
      at = await putBytes(archive, at, `${name}.mf`, manifest);
      for (const { href, path, sizeBytes } of files) at = await putFile(archive, at, href, path, sizeBytes, operation);
      await writeAll(archive, [END_MARK], END_MARK.length, at);
    } finally {
      await archive.close();
    }
    await requireReadable(draft, files.length, operation);
    return (await stat(draft)).size;
  });
}

async function writeVmdk(
  rooms: GuestRooms,
  entry: Entry,
  disk: string,
  folder: string,
  target: string,
  operation: OperationContext,
): Promise<number> {
  const whole = join(folder, 'whole.qcow2');
  await (await open(whole, 'wx', 0o600)).close();
  await writeQcow2(rooms, entry, whole, operation, disk);
  const source = { name: `the disk ${disk} of ${entry.manifest.spec.name}`, path: whole, format: 'qcow2' } as const;
  const { virtualBytes } = await rooms.context.images.convert(source, target, 'vmdk', operation);
  await rm(whole);
  return virtualBytes;
}

async function guestOf({ manifest, driver }: Entry, disks: OvfGuest['disks']): Promise<OvfGuest> {
  const { name, cpus, memoryMib, network } = manifest.spec;
  const firmware = (await driver.firmware?.(manifest)) ?? 'bios';
  return { name, cpus: Math.ceil(cpus), memoryMib, firmware, hasNetwork: network !== 'none', disks };
}

/** A disk of the host stays with its host. */
function requireNoHostDisks({ manifest: { spec } }: Entry): void {
  const disk = spec.disks.find(({ from }) => from?.startsWith('/'));
  if (!disk) return;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `${spec.name} has a disk of this host, which does not fit into a file.`,
    subject: spec.name,
    cause: `It is ${disk.name} (${disk.from}).`,
    hint: 'Take it out first (`guesthouse disk remove`).',
  });
}

/** Answers where the next member begins. */
async function putBytes(archive: Awaited<ReturnType<typeof open>>, at: number, name: string, content: Buffer) {
  const pieces = [header(name, content.length), content, padding(content.length)];
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  await writeAll(archive, pieces, bytes, at);
  return at + bytes;
}

async function putFile(
  archive: Awaited<ReturnType<typeof open>>,
  start: number,
  name: string,
  path: string,
  sizeBytes: number,
  { signal, progress }: OperationContext,
): Promise<number> {
  let at = start;
  const put = async (bytes: Uint8Array) => {
    await writeAll(archive, [bytes], bytes.length, at);
    at += bytes.length;
  };
  await put(header(name, sizeBytes));
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES, signal })) {
    await put(piece as Buffer);
    const bytesDone = at - start;
    progress({
      step: 'Writing the archive',
      fraction: Math.min(1, bytesDone / sizeBytes),
      bytesDone,
      bytesTotal: sizeBytes,
    });
  }
  await put(padding(sizeBytes));
  return at;
}

function header(name: string, sizeBytes: number): Buffer {
  return tarHeader({ name, sizeBytes, mode: 0o644, mtime: Math.floor(Date.now() / 1000) });
}

async function digestOf(path: string, sizeBytes: number, { signal, progress }: OperationContext): Promise<string> {
  const hash = createHash('sha256');
  let bytesDone = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES, signal })) {
    hash.update(piece as Buffer);
    bytesDone += (piece as Buffer).length;
    progress({ step: 'Taking checksums', fraction: bytesDone / sizeBytes, bytesDone, bytesTotal: sizeBytes });
  }
  return hash.digest('hex');
}

/** As strictly as any OVA that is imported: what we could not take back nobody gets. */
async function requireReadable(draft: string, disks: number, operation: OperationContext): Promise<void> {
  const machine = await recognise(draft, draft, null, operation);
  if (machine?.disks.length === disks) return;
  throw new GuesthouseError({
    code: 'internal',
    message: 'The OVA that was written cannot be read again.',
    subject: draft,
  });
}
