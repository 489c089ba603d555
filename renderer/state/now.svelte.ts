/**
 * What time it is in the house. Its moments are by the engine's clock; this window's may be another one (a browser elsewhere,
 * a clock that jumped), so it is told by the figures how far the two are apart.
 */

/** Less apart than this is a message that took its time (ms). */
const APART_MS = 2000;

class Now {
  /** Ticks once a second while the window is visible (ms since the epoch). For components. */
  ms = $state(Date.now());
  #aheadMs = 0;

  constructor() {
    setInterval(() => {
      if (!globalThis.document?.hidden) this.ms = this.exact;
    }, 1000);
  }

  /** This very moment (ms since the epoch); nothing follows it. */
  get exact(): number {
    return Date.now() + this.#aheadMs;
  }

  /** The engine says what time it is there. */
  told(at: number): void {
    const ahead = at - Date.now();
    const next = Math.abs(ahead) < APART_MS ? 0 : ahead;
    const moved = Math.abs(next - this.#aheadMs) >= APART_MS;
    if (next === 0 || moved) this.#aheadMs = next;
    if (moved) this.ms = this.exact;
  }
}

export const now = new Now();
