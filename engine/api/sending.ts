/** A stream whose bytes go one way, from the engine to whoever opened it. */
import type { StreamKind } from '../contract/api.ts';
import type { Outlet } from '../streams/credit.ts';
import type { StreamSource } from './streams.ts';

/** `pump` fills the outlet and tells the end; it is begun with the first credit, and `abort` ends it. */
export function sending<K extends StreamKind>(
  opened: StreamSource<K>['opened'],
  outlet: Outlet,
  abort: AbortController,
  pump: () => Promise<void>,
): StreamSource<K> {
  let begun = false;
  return {
    opened,
    bytes: () => {},
    control: () => {},
    grant: (bytes) => {
      outlet.grant(bytes);
      if (begun) return;
      begun = true;
      void pump();
    },
    close: () => {
      abort.abort();
      outlet.close();
    },
  };
}
