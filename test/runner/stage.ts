/** One part of `npm test`. Stages run from fast to slow; a failing one does not stop the next. */

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Outcome extends Tally {
  /** What did not run, and why; printed once more at the end. */
  readonly skips: readonly string[];
  /** What failed, by name. */
  readonly failures: readonly string[];
}

export interface Stage {
  readonly name: string;
  /** What a person reads above its output. */
  readonly title: string;
  run(): Promise<Outcome>;
}

export const NOTHING: Outcome = { passed: 0, failed: 0, skipped: 0, skips: [], failures: [] };

export function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** A stage that is one check: it holds or it does not. */
export function oneCheck(name: string, holds: boolean): Outcome {
  return holds ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1, failures: [name] };
}

export function skippedStage(name: string, reason: string): Outcome {
  return { ...NOTHING, skipped: 1, skips: [`${name}: ${reason}`] };
}

/** The very last line of a run; scripts read it. */
export function summary(total: Tally): string {
  return `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`;
}
