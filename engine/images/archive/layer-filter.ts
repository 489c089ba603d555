/** One pass over a layer: digest, scan, and a copy without what is left out. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { writeAll } from '../../host/files.ts';
import { createLayerScan, type LayerMarks, type ScanLimits } from './layer-scan.ts';
import { readTar } from './tar-reader.ts';

export interface FilteredLayer {
  /** sha256 of the uncompressed layer as it came: what OCI calls its diff id. */
  readonly diffId: string;
  readonly marks: LayerMarks;
}

/** Pieces are gathered to this size before they are written (bytes). */
const WRITE_BYTES = 1024 * 1024;

/**
 * Writes what may be unpacked to `target` (a new tar). Throws `bad-data` before anything is unpacked, or the file
 * system's error.
 */
export async function filterLayer(
  source: AsyncIterable<Uint8Array>,
  target: string,
  options: { signal: AbortSignal; limits?: ScanLimits },
): Promise<FilteredLayer> {
  const hash = createHash('sha256');
  const scan = createLayerScan(options.limits);
  const file = await open(target, 'wx', 0o600);
  const out = gather(file);
  try {
    await readTar(hashed(source, hash, options.signal), {
      async entry(entry) {
        const keep = scan.judge(entry) === 'keep';
        if (keep) await out.write(entry.header);
        return keep && entry.sizeBytes > 0;
      },
      content: (bytes) => out.write(bytes),
    });
    await out.write(Buffer.alloc(1024)); // the end mark
    await out.flush();
  } finally {
    await file.close();
  }
  return { diffId: hash.digest('hex'), marks: scan.finish() };
}

async function* hashed(
  source: AsyncIterable<Uint8Array>,
  hash: { update(bytes: Uint8Array): unknown },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    signal.throwIfAborted();
    hash.update(chunk);
    yield chunk;
  }
}

function gather(file: FileHandle) {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const flush = async () => {
    if (bytes === 0) return;
    const [all, size] = [parts, bytes];
    parts = [];
    bytes = 0;
    await writeAll(file, all, size, null);
  };
  return {
    flush,
    async write(piece: Uint8Array) {
      parts.push(piece);
      bytes += piece.length;
      if (bytes >= WRITE_BYTES) await flush();
    },
  };
}
