/** One pass over a layer: digest, scan, and all of it but what is left out handed on. */
import { createHash } from 'node:crypto';
import { createLayerScan, type LayerMarks, type ScanLimits } from './layer-scan.ts';
import { END_MARK } from './tar-header.ts';
import { readTar } from './tar-reader.ts';

export interface FilteredLayer {
  /** sha256 of the uncompressed layer as it came: what OCI calls its diff id. */
  readonly diffId: string;
  readonly marks: LayerMarks;
}

/** Pieces are gathered to this size before they are handed on (bytes). */
const HANDED_BYTES = 512 * 1024;

/**
 * Hands what may be unpacked to `pass`, as a plain tar and in order: no entry before it was judged. Throws `bad-data`, or
 * what `pass` throws; what was handed on by then is to be thrown away.
 */
export async function filterLayer(
  source: AsyncIterable<Uint8Array>,
  pass: (pieces: readonly Uint8Array[]) => Promise<void>,
  options: { signal: AbortSignal; limits?: ScanLimits },
): Promise<FilteredLayer> {
  const hash = createHash('sha256');
  const scan = createLayerScan(options.limits);
  const out = gather(pass);
  await readTar(hashed(source, hash, options.signal), {
    async entry(entry) {
      const keep = scan.judge(entry) === 'keep';
      if (keep) await out.write(entry.header);
      return keep && entry.sizeBytes > 0;
    },
    content: (bytes) => out.write(bytes),
  });
  await out.write(END_MARK);
  await out.flush();
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

function gather(pass: (pieces: readonly Uint8Array[]) => Promise<void>) {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const flush = async () => {
    const all = parts;
    parts = [];
    bytes = 0;
    if (all.length > 0) await pass(all);
  };
  return {
    flush,
    /** Waits only when there is something to hand on. */
    write(piece: Uint8Array): Promise<void> | undefined {
      parts.push(piece);
      bytes += piece.length;
      return bytes >= HANDED_BYTES ? flush() : undefined;
    },
  };
}
