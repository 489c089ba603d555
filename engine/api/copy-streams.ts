/** Copying out of and into a guest as byte streams, at the pace of whoever takes the bytes. */
import type { EngineStreams } from '../contract/api.ts';
import { toErrorShape } from '../contract/errors.ts';
import { INITIAL_CREDIT } from '../contract/wire.ts';
import { createOutlet } from '../streams/credit.ts';
import { createIntake } from '../streams/intake.ts';
import { filesOf } from './reach.ts';
import { sending } from './sending.ts';
import type { StreamContext, StreamSink, StreamSource } from './streams.ts';

export async function openCopyOut(
  { guest, path, raw = false }: EngineStreams['copy-out']['args'],
  sink: StreamSink,
  { guests }: StreamContext,
): Promise<StreamSource<'copy-out'>> {
  const abort = new AbortController();
  const files = await filesOf(guests, guest);
  const { kind, sizeBytes, bytes } = await files.copyOut(path, { raw, signal: abort.signal });
  const outlet = createOutlet((piece) => sink.bytes(piece));
  const pump = async () => {
    try {
      for await (const piece of bytes) {
        if (abort.signal.aborted) return;
        if (outlet.push(piece) > INITIAL_CREDIT) await outlet.drained();
      }
      outlet.after(() => sink.end({ info: {} }));
    } catch (error) {
      // After what came: part of a file is better known than nothing of it.
      if (!abort.signal.aborted) outlet.after(() => sink.end({ error: toErrorShape(error) }));
    }
  };
  return sending({ kind, sizeBytes }, outlet, abort, pump);
}

export async function openCopyIn(
  { guest, path, raw = false }: EngineStreams['copy-in']['args'],
  sink: StreamSink,
  { guests }: StreamContext,
): Promise<StreamSource<'copy-in'>> {
  const abort = new AbortController();
  const { id } = guests.entry(guest).manifest;
  const files = await filesOf(guests, guest);
  const intake = createIntake((count) => sink.credit(count));
  const { done } = await files.copyIn(path, { raw, signal: abort.signal, source: intake.taken() });
  done.then(
    (info) => sink.end({ info }),
    (error) => {
      if (!abort.signal.aborted) sink.end({ error: toErrorShape(error) });
    },
  );
  return {
    opened: { guestId: id },
    bytes: (piece) => intake.put(piece),
    control: () => intake.end(),
    grant: () => {},
    close: () => {
      abort.abort();
      intake.cut();
    },
  };
}
