/** The log of an operation as a stream: what it wrote so far, then what it writes, until it ends. */
import type { EngineStreams } from '../contract/api.ts';
import type { Operations } from '../guests/operations.ts';
import { createOutlet } from '../streams/credit.ts';
import type { StreamSink, StreamSource } from './streams.ts';

/** Written and not yet read. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;

/** Throws `not-found`, or `unsupported` for an operation that writes none. */
export function openOperation(
  { operation }: EngineStreams['operation']['args'],
  sink: StreamSink,
  operations: Operations,
): StreamSource<'operation'> {
  const log = operations.log(operation);
  const outlet = createOutlet((bytes) => sink.bytes(bytes));
  let stop: (() => unknown) | null = null;
  return {
    opened: { operation },
    bytes: () => {},
    control: () => {},
    grant(count) {
      outlet.grant(count);
      stop ??= log.watch({
        onBytes: (bytes) => {
          // Who does not read for long misses lines; the build does not wait for a window.
          if (outlet.queued < MAX_QUEUED_BYTES) outlet.push(bytes);
        },
        onEnd: () => outlet.after(() => sink.end({ info: {} })),
      });
    },
    close() {
      stop?.();
      outlet.close();
    },
  };
}
