/** Clones of guests, and what their storage is made of. */
import type { Guest } from './guest.ts';

/**
 * `full`: files of its own, all of them. `linked`: of machines; it shares what the original's disks hold at that moment and
 * keeps its own changes over it, as the original from then on does.
 */
export type CloneKind = 'full' | 'linked';

/** About what a clone would take on the host now, in bytes; null: not known (full), not possible (linked). */
export interface ClonePlan {
  readonly fullBytes: number | null;
  readonly linkedBytes: number | null;
}

export interface CloneCalls {
  /**
   * A new guest with the data of another. The original may run; host ports are chosen anew. `kind` left out: `full`. Throws
   * `unsupported` for `linked` of what is no machine.
   */
  'guests.clone': { args: { guest: string; name: string; kind?: CloneKind }; result: Guest };
  'guests.planClone': { args: { guest: string }; result: ClonePlan };
}
