/** What a machine plays, for whoever listens now: what is late is left out, so that it never falls behind. */
import type { EngineStreams } from '../contract/api.ts';
import { GuesthouseError, toErrorShape } from '../contract/errors.ts';
import { SOUND_CHANNELS, SOUND_FRAME_BYTES, SOUND_RATE } from '../contract/sound.ts';
import { assertAllowed } from '../guests/state.ts';
import { createOutlet } from '../streams/credit.ts';
import { sending } from './sending.ts';
import type { StreamContext, StreamSink, StreamSource } from './streams.ts';

/** A listener this far behind is not waited for: a third of a second (bytes). */
const MOST_BEHIND = (SOUND_RATE / 3) * SOUND_FRAME_BYTES;

export async function openSound(
  { guest }: EngineStreams['sound']['args'],
  sink: StreamSink,
  { guests }: StreamContext,
): Promise<StreamSource<'sound'>> {
  const { driver, manifest, state } = guests.entry(guest);
  const { name } = manifest.spec;
  if (!driver.sound) {
    throw new GuesthouseError({ code: 'unsupported', message: `${name} has no sound card.`, subject: name });
  }
  if (state !== 'paused') assertAllowed('exec', { name, state });
  const abort = new AbortController();
  const source = await driver.sound(manifest, abort.signal);
  const outlet = createOutlet((piece) => sink.bytes(piece));
  const pump = async () => {
    try {
      for await (const piece of source) if (outlet.queued <= MOST_BEHIND) outlet.push(piece);
      if (!abort.signal.aborted) outlet.after(() => sink.end({ info: {} }));
    } catch (error) {
      if (!abort.signal.aborted) sink.end({ error: toErrorShape(error) });
    }
  };
  return sending<'sound'>({ rate: SOUND_RATE, channels: SOUND_CHANNELS }, outlet, abort, pump);
}
