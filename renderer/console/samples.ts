/** Samples as a machine plays them, for Web Audio. Pure. */

/** Of each channel, from -1 to 1. `bytes`: 16 bits with a sign, little-endian, the channels in turn. */
export function samplesOf(bytes: Uint8Array, frames: number, channels: number): Float32Array<ArrayBuffer>[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(frames);
    for (let at = 0; at < frames; at++) samples[at] = view.getInt16((at * channels + channel) * 2, true) / 32_768;
    return samples;
  });
}
