/** Asks the engine about the draft while it is written, a moment after the last key. */
import type { DraftProblem, ErrorShape, GuestDraft, GuestSpec, Medium } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';

/** Long enough not to ask for every key, short enough to feel live (ms). */
const PAUSE_MS = 200;

export class DraftChecker {
  problems = $state.raw<readonly DraftProblem[]>([]);
  /** The spec with all defaults, when nothing is wrong. */
  spec = $state.raw<GuestSpec | null>(null);
  /** What is on the medium it would start from. */
  medium = $state.raw<Medium | null>(null);
  checking = $state(false);
  #timer: ReturnType<typeof setTimeout> | null = null;
  #turn = 0;

  ask(draft: GuestDraft): void {
    if (this.#timer) clearTimeout(this.#timer);
    const turn = ++this.#turn;
    this.checking = true;
    this.#timer = setTimeout(() => void this.#check(draft, turn), PAUSE_MS);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#turn += 1;
  }

  /** The first problem of a field or of anything below it: `ports` finds `ports.0.hostPort` too. */
  of(field: string): ErrorShape | null {
    return this.problems.find((it) => it.field === field || it.field.startsWith(`${field}.`))?.error ?? null;
  }

  async #check(draft: GuestDraft, turn: number): Promise<void> {
    try {
      const answer = await engine.call('guests.check', { draft });
      if (turn !== this.#turn) return;
      this.problems = answer.problems;
      this.spec = answer.spec;
      this.medium = answer.medium;
    } catch {
      // Without a link nothing can be said; creating will say it again.
      if (turn === this.#turn) this.spec = null;
    } finally {
      if (turn === this.#turn) this.checking = false;
    }
  }
}
