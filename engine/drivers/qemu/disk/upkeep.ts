/** Looking after a machine's disks: what there are, and, while it does not run, making them smaller and checking them. */
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import {
  CD_DRIVE,
  type DiskReport,
  type GuestDisk,
  hasOwnDisk,
  isHostDisk,
  ROOT_DISK,
} from '../../../contract/disk.ts';
import { GuesthouseError } from '../../../contract/errors.ts';
import { blockDevice } from '../../../host/block-devices.ts';
import { syncFolder } from '../../../host/files.ts';
import { run } from '../../../host/process.ts';
import { requireSpace } from '../../../host/space.ts';
import { Undo } from '../../../host/undo.ts';
import { readDiskHeader } from '../../../images/disk-header/index.ts';
import type { DriverContext, GuestDisks, GuestRecord, OperationContext } from '../../driver.ts';
import type { Backing } from '../layers/record.ts';
import { type BaseFile, readOnlyNode } from './blockdev.ts';
import { backingOf, baseOf, diskFile } from './storage.ts';

const TIMEOUT_MS = 12 * 60 * 60_000;
const BLOCK_BYTES = 512;

/** A disk's own file, and what it is the difference to. */
export interface OwnFile {
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  readonly base: Backing | null;
}

/** `rootFile`: of the guest's first disk. */
export function upkeep(
  context: DriverContext,
  rootFile: (guest: GuestRecord, operation: OperationContext | null) => Promise<OwnFile>,
): GuestDisks {
  const fileOf = async (guest: GuestRecord, name: string, operation: OperationContext): Promise<OwnFile> => {
    if (name === ROOT_DISK && hasOwnDisk(guest.spec)) return rootFile(guest, operation);
    const disk = guest.spec.disks.find((one) => one.name === name);
    if (!disk) throw noDisk(guest, name);
    if (isHostDisk(disk)) throw notOurs(name);
    const base = await backingOf(context, guest.id, disk, await baseOf(context, disk, operation));
    return { path: diskFile(context.paths, guest.id, disk), format: disk.format, base };
  };

  return {
    async list(guest) {
      const shown: GuestDisk[] = [];
      if (hasOwnDisk(guest.spec)) {
        const root = await rootFile(guest, null);
        shown.push({
          name: ROOT_DISK,
          kind: 'disk',
          format: root.format,
          from: guest.spec.image,
          ...(await sizes(root)),
          readOnly: false,
          attached: true,
        });
      }
      for (const disk of guest.spec.disks) {
        const { name, format, from, readOnly, attached } = disk;
        if (isHostDisk(disk)) {
          const sizeBytes = blockDevice(from as string)?.sizeBytes ?? null;
          shown.push({ name, kind: 'host', format, from, sizeBytes, usedBytes: null, readOnly, attached });
          continue;
        }
        const path = diskFile(context.paths, guest.id, disk);
        // Whoever took the image away by force should still see the list.
        const image = await baseOf(context, disk, quiet()).catch(() => null);
        const base = await backingOf(context, guest.id, disk, image).catch(() => null);
        shown.push({
          name,
          kind: 'disk',
          format,
          from: from === null ? null : nameOf(context, from),
          ...(await sizes({ path, format, base })),
          readOnly,
          attached,
        });
      }
      if (guest.isoPath !== null) {
        const found = await stat(guest.isoPath).catch(() => null);
        shown.push({
          name: CD_DRIVE,
          kind: 'cd',
          format: 'raw',
          from: guest.spec.iso || guest.spec.image || basename(guest.isoPath),
          sizeBytes: found?.size ?? null,
          usedBytes: null,
          readOnly: true,
          attached: true,
        });
      }
      return shown;
    },

    async compact(guest, name, operation) {
      const file = await fileOf(guest, name, operation);
      await requireWhole(file);
      const beforeBytes = await used(file.path);
      await requireSpace(dirname(file.path), beforeBytes, `compacting the disk ${name}`);
      const smaller = `${file.path}.compact`;
      await rm(smaller, { force: true }); // of an earlier one that was killed
      try {
        await run(compactArgv(file, smaller), {
          signal: operation.signal,
          // A layer is named without its folder.
          cwd: dirname(file.path),
          timeoutMs: TIMEOUT_MS,
          onStdoutLine: progressOf('Writing what is used', operation),
        });
        const written = await open(smaller, 'r+');
        await written.sync();
        await written.close();
        const afterBytes = await used(smaller);
        // It can only have become larger where there was nothing to gain.
        if (afterBytes >= beforeBytes) return { beforeBytes, afterBytes: beforeBytes };
        operation.signal.throwIfAborted();
        await rename(smaller, file.path);
        await syncFolder(dirname(file.path));
        return { beforeBytes, afterBytes };
      } finally {
        await rm(smaller, { force: true });
      }
    },

    async check(guest, name, repair, operation) {
      const file = await fileOf(guest, name, operation);
      if (file.format !== 'qcow2') {
        throw new GuesthouseError({
          code: 'unsupported',
          message: `The disk ${name} is raw: there is nothing in it to be checked from outside.`,
          subject: name,
          hint: 'Check its file systems inside the guest.',
        });
      }
      await requireWhole(file);
      operation.progress({ step: repair ? 'Checking and mending' : 'Checking', fraction: null });
      const argv = ['qemu-img', 'check', '-f', 'qcow2', '--output=json', ...(repair ? ['-r', 'all'] : []), file.path];
      // 2: damaged, 3: leaks; what they are is in the answer. 1: no answer.
      const { stdout, stderr, code } = await run(argv, {
        signal: operation.signal,
        timeoutMs: TIMEOUT_MS,
        okCodes: [0, 1, 2, 3],
      });
      return reportOf(stdout, code === 1 ? stderr : null, name);
    },
  };
}

/** The difference to the same base again; the file behind it is named, never believed. */
export function compactArgv({ path, format, base }: OwnFile, target: string): string[] {
  if (format === 'raw') return ['qemu-img', 'convert', '-p', '-f', 'raw', '-O', 'raw', path, target];
  const file = { driver: 'file', filename: path };
  const source = `json:${JSON.stringify({ driver: 'qcow2', file, backing: base && nodeOf(base) })}`;
  const behind = base ? ['-B', base.name, '-F', base.format] : [];
  return ['qemu-img', 'convert', '-p', '-O', 'qcow2', ...behind, source, target];
}

function nodeOf(backing: Backing): Record<string, unknown> {
  const baseFile = ({ path, format, backing: behind }: Backing): BaseFile => ({
    file: path,
    format,
    base: behind && baseFile(behind),
  });
  return readOnlyNode(baseFile(backing));
}

/** `failure`: what it said when it gave up. */
export function reportOf(stdout: string, failure: string | null, name: string): DiskReport {
  let found: Record<string, unknown> | null = null;
  try {
    found = JSON.parse(stdout);
  } catch {
    // told below
  }
  if (found === null || (failure !== null && found['check-errors'] !== 0)) {
    throw new GuesthouseError({
      code: 'bad-data',
      message: `The disk ${name} cannot be read.`,
      subject: name,
      cause: (failure ?? 'qemu-img gave no answer.').trim().slice(-400),
      hint: 'Put it back from a snapshot or a copy.',
    });
  }
  const count = (key: string) => (typeof found[key] === 'number' ? (found[key] as number) : 0);
  const [leaks, corruptions] = [count('leaks'), count('corruptions')];
  return {
    state: corruptions > 0 ? 'damaged' : leaks > 0 ? 'leaks' : 'whole',
    leaks,
    corruptions,
    leaksFixed: count('leaks-fixed'),
    corruptionsFixed: count('corruptions-fixed'),
  };
}

/** Nothing but our own base may be behind it, whatever was written into it meanwhile. */
async function requireWhole({ path, format, base }: OwnFile): Promise<void> {
  await readDiskHeader(path, { as: format, ...(base ? { backing: base.name } : {}) });
}

async function sizes(file: OwnFile): Promise<Pick<GuestDisk, 'sizeBytes' | 'usedBytes'>> {
  const header = await readDiskHeader(file.path, {
    as: file.format,
    ...(file.base ? { backing: file.base.name } : {}),
  }).catch(() => null);
  return { sizeBytes: header?.virtualBytes ?? null, usedBytes: await used(file.path).catch(() => null) };
}

async function used(path: string): Promise<number> {
  return (await stat(path)).blocks * BLOCK_BYTES;
}

/** `-p` writes `    (12.34/100%)` again and again. */
function progressOf(step: string, { progress }: Pick<OperationContext, 'progress'>) {
  return (line: string) => {
    const percent = /([\d.]+)\/100%/.exec(line);
    if (percent) progress({ step, fraction: Number(percent[1]) / 100 });
  };
}

function nameOf({ images }: Pick<DriverContext, 'images'>, id: string): string {
  return images.list().find((image) => image.id === id)?.name ?? id;
}

function quiet(): OperationContext {
  return { signal: AbortSignal.timeout(60_000), undo: new Undo(), progress() {} };
}

function noDisk({ spec }: GuestRecord, name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'not-found',
    message: `${spec.name} has no disk named ${JSON.stringify(name.slice(0, 40))}.`,
    subject: name,
    hint: `There are: ${[...(hasOwnDisk(spec) ? [ROOT_DISK] : []), ...spec.disks.map((disk) => disk.name)].join(', ')}.`,
  });
}

function notOurs(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `The disk ${name} is one of the host's own.`,
    subject: name,
    hint: 'It has no file here; look after it with the tools of the host.',
  });
}
