/** The figures of one guest (or the host) over one range: history, then live. */
import { type ErrorShape, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { now, samples } from '../state/index.ts';
import { appendSample, fromHistory, jumped, type Track } from './track.ts';

/** Points asked for: more than a plot has pixels is waste, fewer would hide what the screen could show. */
const POINTS = 600;
/** A long range is read anew at most and at least this often while live (ms). */
const REFRESH_MIN_MS = 5000;
const REFRESH_MAX_MS = 60_000;

export class Feed {
  track = $state.raw<Track | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  /** Right edge of the charts (ms since the epoch). */
  to = $state(now.exact);
  readonly id: string;
  readonly rangeSeconds: number;
  readonly #until: number | undefined;
  #asked = 0;
  /** By the monotonic clock. */
  #readAt = 0;
  /** A clock jumped, and what is known since is on its way. */
  #anew = false;

  /** `until`: where the range ends; left out: now, and it goes on. */
  constructor(id: string, rangeSeconds: number, until?: number) {
    this.id = id;
    this.rangeSeconds = rangeSeconds;
    this.#until = until;
  }

  /** Seconds between two looks while live. */
  get everySeconds(): number {
    const stepMs = this.track?.stepMs ?? 1000;
    if (stepMs <= 1000) return 1;
    return Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, stepMs)) / 1000;
  }

  async read(): Promise<void> {
    const asked = ++this.#asked;
    this.#readAt = performance.now();
    try {
      const points = Math.min(POINTS, this.rangeSeconds);
      const history = await engine.call('metrics.history', {
        id: this.id,
        rangeSeconds: this.rangeSeconds,
        points,
        ...(this.#until === undefined ? {} : { until: this.#until }),
      });
      if (asked !== this.#asked) return;
      this.track = fromHistory(history);
      this.to = Math.max(now.exact, history.times.at(-1) ?? 0);
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = toErrorShape(thrown);
    }
  }

  /** A frame of samples arrived. */
  tick(at: number): void {
    if (!this.track || at === 0 || this.#until !== undefined) return;
    if (this.track.stepMs > 1000) {
      if (performance.now() - this.#readAt >= this.everySeconds * 1000) void this.read();
      return;
    }
    if (jumped(this.track, at)) {
      if (this.#anew) return;
      this.#anew = true;
      void this.read().finally(() => (this.#anew = false));
      return;
    }
    this.track = appendSample(this.track, at, samples.latest.get(this.id) ?? null, this.rangeSeconds * 1000);
    this.to = at;
  }
}
