/** How far a pull is, how fast it goes and how long it will take, as a person reads it. */
import type { Progress } from '../../contract/operation.ts';
import { readableBytes } from '../../host/space.ts';

/** Told at most this often (ms): the step's words change with every number. */
const INTERVAL_MS = 500;
/** The rate is that of about this time (ms). */
const RATE_WINDOW_MS = 5000;

export interface Tally {
  fetched(count: number): void;
  unpacked(count: number): void;
  layerDone(): void;
}

/** `bytesTotal`: compressed bytes of the layers to fetch. `here`: bytes counted that were not fetched now. */
export function createTally(
  layers: number,
  bytesTotal: number,
  tell: (progress: Progress) => void,
  now: () => number = () => performance.now(),
): Tally {
  let bytesDone = 0;
  let unpackedBytes = 0;
  let layersDone = 0;
  let told = Number.NEGATIVE_INFINITY;
  const samples: { at: number; bytes: number }[] = [{ at: now(), bytes: 0 }];

  const update = (always: boolean) => {
    const at = now();
    if (!always && at - told < INTERVAL_MS) return;
    told = at;
    samples.push({ at, bytes: bytesDone });
    while (samples.length > 2 && at - (samples[0]?.at ?? at) > RATE_WINDOW_MS) samples.shift();
    const [first] = samples as [{ at: number; bytes: number }];
    const perSecond = at - first.at > 200 ? ((bytesDone - first.bytes) * 1000) / (at - first.at) : 0;
    const left = bytesTotal - bytesDone;
    const words =
      left <= 0
        ? ['Unpacking']
        : [
            'Downloading',
            ...(perSecond > 0 ? [`${readableBytes(perSecond)}/s`] : []),
            ...(perSecond > 0 ? [timeLeft(left / perSecond)] : []),
          ];
    tell({
      step: [`${words[0]} layers, ${layersDone} of ${layers} done`, ...words.slice(1)].join(' · '),
      // Half of the work is fetching, the other half unpacking.
      fraction: bytesTotal > 0 ? Math.min(1, (bytesDone + unpackedBytes) / (2 * bytesTotal)) : null,
      bytesDone,
      bytesTotal,
    });
  };

  return {
    fetched(count) {
      bytesDone += count;
      update(false);
    },
    unpacked(count) {
      unpackedBytes += count;
      update(false);
    },
    layerDone() {
      layersDone++;
      update(true);
    },
  };
}

/** `20 s left`, `3 min left`, `2 h left`. */
export function timeLeft(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.ceil(seconds))} s left`;
  if (seconds < 90 * 60) return `${Math.ceil(seconds / 60)} min left`;
  return `${Math.ceil(seconds / 3600)} h left`;
}
