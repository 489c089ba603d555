/** Learns from running guests what their kind costs here, once per start, when they have settled. */
import type { SampleFrame } from '../contract/metrics.ts';
import { diskUse } from '../host/disk-use.ts';
import { guestFolder, type Paths } from '../host/paths.ts';
import type { Costs } from './costs.ts';
import type { Guests } from './guests.ts';

/** How long after its start a guest is looked at (ms): started up, not yet full of work. */
const SETTLED_MS = 10_000;
const MIB = 1024 * 1024;

/** To be called with every frame. */
export function createObserver(guests: Guests, costs: Costs, paths: Paths): (frame: SampleFrame) => void {
  /** Start already looked at, by guest. */
  const seen = new Map<string, number>();
  return (frame) => {
    for (const { manifest, running } of guests.entries()) {
      if (!running || seen.get(manifest.id) === running.startedAt) continue;
      const age = frame.at - running.startedAt;
      if (age < SETTLED_MS) continue;
      seen.set(manifest.id, running.startedAt);
      // One met again later is no longer what a start costs.
      if (age > 2 * SETTLED_MS) continue;
      const memory = frame.samples.find((sample) => sample.id === manifest.id)?.memoryBytes;
      if (memory) costs.add(manifest, 'memoryMib', memory / MIB);
      diskUse(guestFolder(paths, manifest.id)).then(
        (bytes) => costs.add(manifest, 'diskMib', bytes / MIB),
        () => {},
      );
    }
  };
}
