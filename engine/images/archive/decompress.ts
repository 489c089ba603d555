/** A stored layer as the plain tar it holds, whatever it was squeezed with. */
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { GuesthouseError } from '../../contract/errors.ts';

/** Pieces handed on (bytes): each one costs a turn of the event loop. */
const PIECE_BYTES = 1024 * 1024;

/** By the stream's first bytes (four, if there are): the media type is only what somebody wrote. Null: it is plain. */
export function squeezedWith(start: Uint8Array): 'gzip' | 'zstd' | null {
  const magic = Buffer.from(start.subarray(0, 4)).toString('latin1');
  if (magic.startsWith('\x1f\x8b')) return 'gzip';
  return magic === '(\xb5/\xfd' ? 'zstd' : null;
}

/**
 * `damaged`: what to throw for broken data. Of a squeezed source a piece is done with when the next one is asked for, so
 * it may be in the same memory; pieces of a plain one are handed on.
 */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  damaged: () => GuesthouseError,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const kind = squeezedWith(first.value);
  if (kind === null) {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
    return;
  }
  const unpacker = (kind === 'gzip' ? createGunzip : createZstdDecompress)({ chunkSize: PIECE_BYTES });
  feed(unpacker, first.value, iterator).catch((error) => unpacker.destroy(error));
  try {
    for await (const chunk of unpacker) yield chunk as Buffer;
  } catch (error) {
    // Of what the unpacker says only that it is its data matters; a disk or a network has its own words.
    const code = String((error as NodeJS.ErrnoException).code ?? '');
    if (error instanceof GuesthouseError || !/^(?:Z_|ZSTD|ERR_)/.test(code)) throw error;
    throw damaged();
  } finally {
    void iterator.return?.()?.catch(() => {}); // it may wait for what does not come
  }
}

async function feed(unpacker: Transform, first: Uint8Array, rest: AsyncIterator<Uint8Array>): Promise<void> {
  let piece: IteratorResult<Uint8Array> = { done: false, value: first };
  while (!piece.done) {
    const { value } = piece;
    await new Promise<void>((resolve, reject) => {
      unpacker.write(value, (error) => (error ? reject(error) : resolve()));
    });
    piece = await rest.next();
  }
  unpacker.end();
}
