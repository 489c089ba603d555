/** What a clone's storage is made of. */

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
