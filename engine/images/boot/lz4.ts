/**
 * Decodes LZ4's "legacy frame", which the kernel's build writes for CONFIG_KERNEL_LZ4: a magic number, then blocks of
 * `u32 size` + compressed bytes, each for at most 8 MiB (lz4_Frame_format.md, "Legacy frame"; lz4_Block_format.md).
 */
import { GuesthouseError } from '../../contract/errors.ts';

export const LZ4_LEGACY_MAGIC = 0x184c2102;

/** `size`: length of the decoded bytes, known beforehand. Throws `bad-data` on anything inconsistent. */
export function decodeLz4Legacy(input: Uint8Array, size: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (input.length < 8 || view.getUint32(0, true) !== LZ4_LEGACY_MAGIC) throw broken('wrong magic number');
  const output = new Uint8Array(size);
  let from = 4;
  let to = 0;
  while (to < size) {
    if (from + 4 > input.length) throw broken('it ends too early');
    const blockSize = view.getUint32(from, true);
    from += 4;
    if (from + blockSize > input.length) throw broken('a block is longer than the file');
    to = decodeBlock(input.subarray(from, from + blockSize), output, to);
    from += blockSize;
  }
  return output;
}

/** Decodes one block to `output` from `to` on; answers the new end. */
function decodeBlock(input: Uint8Array, output: Uint8Array, to: number): number {
  const start = to;
  let from = 0;
  const length = (nibble: number): number => {
    let total = nibble;
    if (nibble !== 15) return total;
    let byte = 255;
    while (byte === 255) {
      if (from >= input.length) throw broken('a length is cut off');
      byte = input[from++] as number;
      total += byte;
    }
    return total;
  };
  while (from < input.length) {
    const token = input[from++] as number;
    const literals = length(token >> 4);
    if (from + literals > input.length || to + literals > output.length) throw broken('a literal overruns');
    output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === input.length) break; // the last sequence is literals only
    const offset = (input[from] as number) | ((input[from + 1] ?? 0) << 8);
    from += 2;
    const match = length(token & 15) + 4;
    if (offset === 0 || to - offset < start || to + match > output.length) throw broken('a match overruns');
    if (offset >= match) {
      output.copyWithin(to, to - offset, to - offset + match);
      to += match;
    } else {
      // Source and target overlap on purpose: a run. It must be copied byte by byte.
      for (const end = to + match; to < end; to++) output[to] = output[to - offset] as number;
    }
  }
  return to;
}

function broken(cause: string): GuesthouseError {
  return new GuesthouseError({ code: 'bad-data', message: 'The compressed kernel is damaged.', cause });
}
