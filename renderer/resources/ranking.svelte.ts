/** Who uses most, read anew while somebody looks. */
import { type ErrorShape, type Ranking, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { MOST_SUBJECTS } from '../graphs/lines.ts';
import type { RankedKind } from '../messages/resources.ts';
import { SERIES_OF } from './kinds.ts';

/** Points asked for: two guests in a pixel are told apart by nobody. */
const POINTS = 300;
/** Short ranges are read this often, long ones ten times less (ms). */
const EVERY_MS = 3000;

export class Ranked {
  ranking = $state.raw<Ranking | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  readonly kind: RankedKind;
  readonly rangeSeconds: number;
  #reading = false;

  constructor(kind: RankedKind, rangeSeconds: number) {
    this.kind = kind;
    this.rangeSeconds = rangeSeconds;
  }

  get everyMs(): number {
    return this.rangeSeconds <= 3600 ? EVERY_MS : 10 * EVERY_MS;
  }

  async read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      this.ranking = await engine.call('metrics.ranking', {
        rangeSeconds: this.rangeSeconds,
        points: Math.min(POINTS, this.rangeSeconds),
        series: SERIES_OF[this.kind],
        most: MOST_SUBJECTS,
      });
      this.error = null;
    } catch (thrown) {
      this.error = toErrorShape(thrown);
    } finally {
      this.#reading = false;
    }
  }
}
