/** Official images and installers of others, and where they may be fetched from. */
import type { Architecture } from './machine.ts';
import type { Distribution } from './medium.ts';

/** `cloud`: a disk that is ready and asks who may log in. `installer`: a medium. `live`: a medium that runs by itself. */
export const CATALOGUE_KINDS = ['cloud', 'installer', 'live'] as const;
export type CatalogueKind = (typeof CATALOGUE_KINDS)[number];

export interface CatalogueEntry {
  /** Also the name of the image it becomes: `debian-12-cloud-amd64`. */
  readonly name: string;
  readonly title: string;
  readonly distribution: Distribution;
  readonly version: string;
  readonly architecture: Architecture;
  readonly kind: CatalogueKind;
  /** About so much is fetched; null: not known. */
  readonly sizeBytes: number | null;
  /** Whose mirror has it: a name of `Catalogue.vendors`. */
  readonly vendor: string;
  /** Whether its maker signs it or its checksums. */
  readonly signed: boolean;
  /** The image in the store; null: not fetched yet. */
  readonly imageId: string | null;
}

export interface CatalogueVendor {
  readonly name: string;
  readonly title: string;
  /** Addresses in the order they are asked; none: nothing of it can be fetched yet. */
  readonly mirrors: readonly string[];
  /** Who said so: the person, the catalogue it stands in, or the host's own package sources. */
  readonly chosenBy: 'person' | 'catalogue' | 'packages' | null;
  /** A path its mirror must have: that is how the right folder is known. */
  readonly example: string;
}

export interface Catalogue {
  readonly entries: readonly CatalogueEntry[];
  readonly vendors: readonly CatalogueVendor[];
  /** What could not be read or is left out, in sentences. */
  readonly notes: readonly string[];
}
