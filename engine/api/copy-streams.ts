/** Copying out of and into a guest as byte streams, at the pace of whoever takes the bytes. */
import type { EngineStreams } from '../contract/api.ts';
import { GuesthouseError, toErrorShape } from '../contract/errors.ts';
import { INITIAL_CREDIT } from '../contract/wire.ts';
import { createOutlet } from '../streams/credit.ts';
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

/** Bytes on their way in: held until they are taken, and only then is there credit for more. */
function createIntake(credit: (count: number) => void) {
  const queue: Uint8Array[] = [];
  let waitingBytes = 0;
  let over: 'ended' | 'cut' | null = null;
  let wake: () => void = () => {};
  return {
    put(piece: Uint8Array) {
      if (over !== null || piece.length === 0) return;
      if (waitingBytes + piece.length > INITIAL_CREDIT) {
        throw new GuesthouseError({ code: 'invalid', message: 'More was sent than credit was given for.' });
      }
      waitingBytes += piece.length;
      queue.push(piece);
      wake();
    },
    end() {
      over ??= 'ended';
      wake();
    },
    /** Whoever sent it went away: what came is not the whole. */
    cut() {
      over ??= 'cut';
      wake();
    },
    async *taken(): AsyncGenerator<Uint8Array> {
      for (;;) {
        if (over === 'cut') throw new GuesthouseError({ code: 'cancelled', message: 'Cancelled.' });
        const piece = queue.shift();
        if (piece) {
          waitingBytes -= piece.length;
          yield piece;
          credit(piece.length);
        } else if (over === 'ended') return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
