/** Disks of other programs into qcow2 and out again, by qemu-img in a confined process. */
import { type FileHandle, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { OperationContext } from '../../drivers/driver.ts';
import { pipeFrom } from '../../host/pipe.ts';
import { isSpaceError, requireSpace } from '../../host/space.ts';
import { parseDiskHeader } from '../disk-header/index.ts';
import type { Inside } from '../inside.ts';
import { confined } from './confined.ts';
import type { Converted } from './disk-file.ts';
import { bytesOf, wholeFile } from './piece.ts';
import { type SourceDisk, unreadableDisk } from './source.ts';

const CONVERT_TIMEOUT_MS = 12 * 60 * 60_000;
const FIRST_FD = 3;
/** Left free on the disk of the target whatever the source unfolds to (bytes). */
const RESERVE_BYTES = 256 * 1024 ** 2;

export interface Conversion {
  readonly source: SourceDisk;
  /** Absolute path of a file that is not there yet. Its folder is ours alone. */
  readonly target: string;
  /** Shown while it goes on. */
  readonly step: string;
  /** Left out: qcow2. `vmdk`: as a stream (streamOptimized), as OVA files want it. */
  readonly to?: Converted;
}

/**
 * Makes the target whole and durable, or leaves nothing. Throws `bad-data` when the source turns out to be damaged,
 * `resources` for a full disk, `cancelled`.
 */
export async function convertDisk(
  { source, target, step, to = 'qcow2' }: Conversion,
  inside: Inside,
  operation: Pick<OperationContext, 'signal' | 'progress'>,
): Promise<void> {
  const folder = join(target, '..');
  const { bavail, bsize } = await statfs(folder);
  const room = bavail * bsize - RESERVE_BYTES;
  if (room <= 0) await requireSpace(folder, RESERVE_BYTES * 2, 'converting a disk');
  const written: string[] = [];
  const opened: FileHandle[] = [];
  const result = await open(target, 'wx+', 0o600);
  try {
    const files: FileHandle[] = [result, ...source.files];
    const pathOf = (file: FileHandle) => {
      if (!files.includes(file)) files.push(file);
      return `/proc/self/fd/${FIRST_FD + files.indexOf(file)}`;
    };
    const node = await source.node(pathOf, async (text) => {
      const path = `${target}.description`;
      written.push(path);
      const file = await open(path, 'wx+', 0o644);
      opened.push(file);
      await file.writeFile(text);
      return file;
    });
    const { prefix } = await confined(inside, { reads: files.slice(1), writes: result, maxFileBytes: room });
    const shop = { source, files, step, operation };
    if (CHECKED.has(source.format)) await runQemuImg([...prefix, ...checkArgv(node)], shop, NO_ERRORS);
    await runQemuImg([...prefix, ...convertArgv(node, to, pathOf(result))], shop);
    await result.sync();
    if (to === 'qcow2') await judge(result, source);
    if (process.getuid?.() === 0) await result.chown(0, 0);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  } finally {
    await result.close();
    for (const file of opened) await file.close();
    for (const path of written) await rm(path, { force: true });
  }
}

/** Where the end of a file is missing QEMU reads zeros; a check of the tables finds that. */
const CHECKED: ReadonlySet<string> = new Set(['vmdk', 'vdi', 'qcow2']);
/** Exit codes of `qemu-img check`: 3 is space lost in the file, 63 a kind it cannot check. */
const NO_ERRORS = [0, 3, 63];

export function checkArgv(node: object): string[] {
  return ['qemu-img', 'check', '-q', `json:${JSON.stringify(node)}`];
}

/** The source is one node of QEMU's, so no name and no format in it is guessed. */
export function convertArgv(node: object, to: Converted, target: string): string[] {
  const options = to === 'vmdk' ? ['-o', 'subformat=streamOptimized'] : [];
  return ['qemu-img', 'convert', '-p', '-O', to, ...options, `json:${JSON.stringify(node)}`, target];
}

interface Shop {
  readonly source: SourceDisk;
  readonly files: readonly FileHandle[];
  readonly step: string;
  readonly operation: Pick<OperationContext, 'signal' | 'progress'>;
}

async function runQemuImg(argv: readonly string[], shop: Shop, okCodes: readonly number[] = [0]): Promise<void> {
  const { source, files, step } = shop;
  const { signal, progress } = shop.operation;
  progress({ step, fraction: 0, bytesDone: 0, bytesTotal: source.virtualBytes });
  try {
    const descriptors = files.map(({ fd }) => fd);
    for await (const piece of pipeFrom(argv, { signal, timeoutMs: CONVERT_TIMEOUT_MS, descriptors, okCodes })) {
      // `-p` writes `    (12.34/100%)` again and again.
      const percent = /.*\(([\d.]+)\/100%/s.exec(piece.toString('latin1'))?.[1];
      if (percent === undefined) continue;
      const fraction = Number(percent) / 100;
      progress({
        step,
        fraction,
        bytesDone: Math.round(fraction * source.virtualBytes),
        bytesTotal: source.virtualBytes,
      });
    }
  } catch (error) {
    throw explain(error, source);
  }
}

function explain(error: unknown, { format }: SourceDisk): unknown {
  if (!(error instanceof GuesthouseError) || error.code !== 'internal') return error;
  const said = (error.cause ?? '').replace(/json:\{.*?\}'?(?=:)/g, 'the disk').replaceAll('qemu-img: ', '');
  if (isSpaceError(error) || /File too large|ended by SIGXFSZ/.test(said))
    return new GuesthouseError({
      code: 'resources',
      message: 'There is not enough space for the disk.',
      cause: said,
      hint: 'Make room (`guesthouse image ls` shows what images take), or set GUESTHOUSE_HOME to a larger disk.',
    });
  return unreadableDisk(format, said);
}

/** What came out, by its own header. */
async function judge(file: FileHandle, source: SourceDisk): Promise<void> {
  const { virtualBytes } = await parseDiskHeader(bytesOf(await wholeFile(file)), { as: 'qcow2' });
  if (virtualBytes !== source.virtualBytes)
    throw unreadableDisk(source.format, 'It has another size than its header says.');
}
