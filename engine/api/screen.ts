/** A guest's screen and keyboard for whoever has no display open: pictures and key presses. */
import type { EngineStreams } from '../contract/api.ts';
import { GuesthouseError, toErrorShape } from '../contract/errors.ts';
import { INITIAL_CREDIT } from '../contract/wire.ts';
import type { Guests } from '../guests/guests.ts';
import { assertAllowed } from '../guests/state.ts';
import { createOutlet } from '../streams/credit.ts';
import { sending } from './sending.ts';
import type { StreamContext, StreamSink, StreamSource } from './streams.ts';

/** A thousand keys take less (ms). */
const TYPING_TIMEOUT_MS = 300_000;

export async function openScreenshot(
  { guest, maxWidth }: EngineStreams['screenshot']['args'],
  sink: StreamSink,
  { guests }: StreamContext,
): Promise<StreamSource<'screenshot'>> {
  const { driver, manifest, state } = guests.entry(guest);
  const { name } = manifest.spec;
  if (!driver.screenshot) throw screenless(name);
  assertAllowed('see', { name, state });
  const { png, width, height } = await driver.screenshot(manifest, { maxWidth: maxWidth ?? null });
  return sendingPicture<'screenshot'>({ width, height, sizeBytes: png.length }, png, sink);
}

/** A picture in pieces that fit the opener's credit. */
export function sendingPicture<K extends 'screenshot' | 'snapshot-picture'>(
  opened: StreamSource<K>['opened'],
  png: Uint8Array,
  sink: StreamSink,
): StreamSource<K> {
  const abort = new AbortController();
  const outlet = createOutlet((piece) => sink.bytes(piece));
  const pump = async () => {
    try {
      for (let at = 0; at < png.length && !abort.signal.aborted; at += INITIAL_CREDIT)
        if (outlet.push(png.subarray(at, at + INITIAL_CREDIT)) > INITIAL_CREDIT) await outlet.drained();
      outlet.after(() => sink.end({ info: {} }));
    } catch (error) {
      if (!abort.signal.aborted) sink.end({ error: toErrorShape(error) });
    }
  };
  return sending<K>(opened, outlet, abort, pump);
}

export async function typeInto(guests: Guests, ref: string, keys: readonly string[], text: string): Promise<void> {
  const { driver, manifest, state } = guests.entry(ref);
  const { name } = manifest.spec;
  if (!driver.sendKeys) throw screenless(name);
  assertAllowed('type', { name, state });
  await driver.sendKeys(manifest, { keys, text, signal: AbortSignal.timeout(TYPING_TIMEOUT_MS) });
}

function screenless(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `${name} has no screen and no keyboard.`,
    subject: name,
    hint: 'Use its console.',
  });
}
