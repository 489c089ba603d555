/** How fast a step goes and how long it will take, from what it says of its bytes. Pure but for what it was told. */
import type { Progress } from '../../engine/contract/operation.ts';
import { bytes } from './print.ts';

/** Before, a rate says nothing (ms). */
const SETTLE_MS = 1_000;
/** So much of the past counts (ms): a rate of long ago is none of now. */
const WINDOW_MS = 10_000;

export class Pace {
  #step = '';
  #seen: { at: number; bytes: number }[] = [];

  /** `12 MiB/s, 3 min left`; empty while nothing can be said. `now`: milliseconds of any clock. */
  text({ step, bytesDone, bytesTotal }: Progress, now: number): string {
    // What tells its own rate needs none of ours.
    if (bytesDone === undefined || step.includes(' · ')) return '';
    if (step !== this.#step) {
      this.#step = step;
      this.#seen = [];
    }
    this.#seen.push({ at: now, bytes: bytesDone });
    while (this.#seen.length > 2 && now - (this.#seen[1]?.at ?? now) > WINDOW_MS) this.#seen.shift();
    const from = this.#seen[0];
    if (from === undefined || now - from.at < SETTLE_MS || bytesDone <= from.bytes) return '';
    const perMs = (bytesDone - from.bytes) / (now - from.at);
    const rate = `${bytes(perMs * 1000)}/s`;
    if (bytesTotal === undefined || bytesTotal <= bytesDone) return rate;
    return `${rate}, ${span((bytesTotal - bytesDone) / perMs)} left`;
  }
}

function span(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
