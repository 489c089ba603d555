/** Figures of guests: the newest frame, and the last minute of CPU for the sparklines. */
import { UnpackedFrame } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { now } from './now.svelte.ts';
import { createSparks, SPARK_SECONDS } from './sparks.ts';
import { beforePicture } from './together.ts';

export { SPARK_SECONDS } from './sparks.ts';

class Samples {
  /** The newest frame; who asks it for a guest (or `host`) is asked again with the next one. */
  latest = $state.raw(UnpackedFrame.EMPTY);
  /** When the newest frame was taken (ms since the epoch); 0 before the first. Changes once a second. */
  readonly at = $derived(this.latest.at);
  /** Per cent of one processor that measuring took. */
  readonly costPercent = $derived(this.latest === UnpackedFrame.EMPTY ? null : this.latest.costPercent);
  /** Changes when a past minute arrived. */
  filled = $state(0);
  #sparks = createSparks();
  #newest = UnpackedFrame.EMPTY;
  #asked = new Set<string>();

  start(): void {
    engine.subscribe('samples', {}, (frame) => {
      now.told(frame.at);
      this.#sparks.add(frame);
      this.#newest = frame;
      beforePicture(this.#show);
    });
  }

  /** See `Sparks.cpu`. Not reactive: read it whenever `at` or `filled` changed. */
  cpu(id: string): readonly (number | null)[] {
    return this.#sparks.cpu(id);
  }

  /** Fetches the minute before this window opened, once per guest: a row need not wait a minute for its line. */
  async prefill(id: string): Promise<void> {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    try {
      const past = await engine.call('metrics.history', { id, rangeSeconds: 300, points: 300 });
      this.#sparks.fill(id, past.average.cpu.slice(-SPARK_SECONDS));
      beforePicture(this.#showFilled);
    } catch {
      // The line then begins now.
    }
  }

  #show = (): void => {
    this.latest = this.#newest;
  };

  /** Every row in sight is drawn anew, so once for all answers that come together. */
  #showFilled = (): void => {
    this.filled += 1;
  };
}

export const samples = new Samples();
