/** A stored layer as the plain tar it holds, whatever it was squeezed with. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { GuesthouseError } from '../../contract/errors.ts';

/** Pieces handed on (bytes): each one costs a turn of the event loop. */
const PIECE_BYTES = 1024 * 1024;

/** By the stream's first bytes: the media type is only what somebody wrote. `damaged`: what to throw for broken data. */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  damaged: () => GuesthouseError,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const whole = (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  const magic = Buffer.from(first.value.subarray(0, 4)).toString('latin1');
  const unpacker = magic.startsWith('\x1f\x8b')
    ? createGunzip({ chunkSize: PIECE_BYTES })
    : magic === '(\xb5/\xfd'
      ? createZstdDecompress({ chunkSize: PIECE_BYTES })
      : null;
  if (unpacker === null) {
    yield* whole;
    return;
  }
  let failure: unknown = null;
  // One piece ahead is enough; each is large.
  pipeline(Readable.from(whole, { highWaterMark: 1 }), unpacker, (error) => {
    failure = error;
  });
  try {
    for await (const chunk of unpacker) yield chunk as Buffer;
  } catch (error) {
    const thrown = failure ?? error;
    // Of what the unpacker says only that it is its data matters; a disk or a network has its own words.
    const code = String((thrown as NodeJS.ErrnoException).code ?? '');
    if (thrown instanceof GuesthouseError || !/^(?:Z_|ZSTD|ERR_)/.test(code)) throw thrown;
    throw damaged();
  }
}
