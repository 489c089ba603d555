/** A guest as a file: what can be written, and what is told of it. */

/** What `guests.export` writes. */
export type ExportFormat = 'guesthouse' | 'ova' | 'qcow2';

export interface Exported {
  readonly path: string;
  readonly sizeBytes: number;
  /** Nothing but Guesthouse starts it: the machine was made from a container's image, and its disk has no boot loader. */
  readonly needsOurKernel: boolean;
}
