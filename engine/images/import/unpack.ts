/** A compressed file unpacked into the work folder: bounded, with holes where it is empty, and stopped when it fills the disk. */
import { createReadStream } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { GuesthouseError } from '../../contract/errors.ts';
import { pipeFrom } from '../../host/pipe.ts';
import { filledUp } from '../../host/space.ts';
import { confined } from '../convert/confined.ts';
import { MAX_VIRTUAL_BYTES } from '../disk-header/header.ts';
import type { Workshop } from '../made.ts';
import { writeSparse } from './copy.ts';
import { notAnImage, type Squeezed } from './detect.ts';

const PIECE_BYTES = 1024 * 1024;
/** Left free on the disk whatever the file unfolds to (bytes). */
const RESERVE_BYTES = 256 * 1024 ** 2;
const UNPACK_TIMEOUT_MS = 12 * 60 * 60_000;
/** Of `xz`: its own presets need at most 65 MiB to unpack. */
const XZ_MEMORY = '512MiB';

/**
 * `from`: the compressed file, or a piece of one. `shown`: its name for people. `roomBytes`: how much may be written; left
 * out: what is free, and a little less. Throws `bad-data`, `resources`.
 */
export async function unpackInto(
  from: { readonly path: string; readonly start?: number; readonly sizeBytes: number },
  kind: Squeezed,
  target: string,
  shown: string,
  { operation, inside }: Pick<Workshop, 'operation' | 'inside'>,
  limits: { readonly roomBytes?: number } = {},
): Promise<void> {
  const { signal, progress } = operation;
  const { bavail, bsize } = await statfs(dirname(target));
  const room = limits.roomBytes ?? bavail * bsize - RESERVE_BYTES;
  const step = `Unpacking ${basename(shown)}`;
  let read = 0;
  const squeezed = async function* () {
    const start = from.start ?? 0;
    const end = start + from.sizeBytes - 1;
    for await (const piece of createReadStream(from.path, { start, end, highWaterMark: PIECE_BYTES, signal })) {
      read += (piece as Buffer).length;
      progress({ step, fraction: read / from.sizeBytes, bytesDone: read, bytesTotal: from.sizeBytes });
      yield piece as Buffer;
    }
  };
  const file = await open(target, 'wx', 0o600);
  let done = false;
  try {
    let at = 0;
    let written = 0;
    const put = async (source: AsyncIterable<Buffer>) => {
      for await (const piece of source) {
        signal.throwIfAborted();
        written += await writeSparse(file, piece, at);
        at += piece.length;
        if (at > MAX_VIRTUAL_BYTES) throw notAnImage(shown, 'a compressed file that never ends');
        if (written > room) throw await filledUp(dirname(target), RESERVE_BYTES * 2, `unpacking ${basename(shown)}`);
      }
    };
    if (kind === 'xz') await put(await xz(squeezed(), inside, signal));
    else {
      const unpacker =
        kind === 'gzip' ? createGunzip({ chunkSize: PIECE_BYTES }) : createZstdDecompress({ chunkSize: PIECE_BYTES });
      await pipeline(Readable.from(squeezed(), { objectMode: false }), unpacker, put, { signal });
    }
    await file.truncate(at);
    done = true;
  } catch (error) {
    throw explain(error, kind, shown);
  } finally {
    await file.close();
    if (!done) await rm(target, { force: true });
  }
}

async function xz(source: AsyncIterable<Buffer>, inside: Workshop['inside'], signal: AbortSignal) {
  const { prefix } = await confined(inside, { reads: [], writes: null, maxFileBytes: 0 });
  const argv = [...prefix, 'xz', '--decompress', '--stdout', `--memlimit-decompress=${XZ_MEMORY}`, '--threads=1'];
  return pipeFrom(argv, { input: source, signal, timeoutMs: UNPACK_TIMEOUT_MS });
}

function explain(error: unknown, kind: Squeezed, shown: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const isItsData =
    error instanceof GuesthouseError
      ? kind === 'xz' && code === 'internal'
      : String(code).startsWith('Z_') || /zstd/i.test(String(message));
  return isItsData ? notAnImage(shown, 'a damaged compressed file') : error;
}
