/**
 * The one cursor: the moment somebody points at, on a chart or in a log. Charts and logs of those guests all show it, in
 * whatever part of the window they are.
 */
export interface Pointed {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whose: ids of guests, or `host`. */
  readonly of: readonly string[];
  /** A log that is pointed into does not scroll under the hand. */
  readonly by: 'chart' | 'log';
}

class Moment {
  pointed = $state.raw<Pointed | null>(null);

  /** The moment pointed at, of any of these; null: of none. */
  at(ids: readonly string[]): number | null {
    return this.pointed?.of.some((id) => ids.includes(id)) ? this.pointed.at : null;
  }

  point(at: number, of: readonly string[], by: Pointed['by']): void {
    this.pointed = { at, of, by };
  }

  /** Nobody points at these any more. */
  leave(ids: readonly string[]): void {
    if (this.at(ids) !== null) this.pointed = null;
  }
}

export const moment = new Moment();
