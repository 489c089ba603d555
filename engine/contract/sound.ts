/** Sound of machines: samples of 16 bits with a sign, little-endian, left and right in turn. */

/** Samples a second, for each channel. */
export const SOUND_RATE = 48_000;
export const SOUND_CHANNELS = 2;
/** Of one moment, all channels (bytes). */
export const SOUND_FRAME_BYTES = 2 * SOUND_CHANNELS;
