/** What a builder or an import hands to the store: everything of an image but its place in the store. */
import type { ImageConfig } from '../contract/image.ts';
import type { OperationContext } from '../drivers/driver.ts';
import type { Inside } from './inside.ts';
import type { Layers } from './layers.ts';

export interface MadeImage {
  /** 64 hex digits: of the configuration for a rootfs (it names the layers), of the file otherwise. */
  readonly hex: string;
  readonly kind: 'rootfs' | 'disk' | 'iso';
  /** `name:tag` it asks for. */
  readonly name: string;
  readonly origin: string;
  readonly builder: string | null;
  readonly architecture: string;
  readonly config: ImageConfig | null;
  readonly layers: readonly string[];
  readonly disk: { readonly format: 'qcow2' | 'raw'; readonly virtualBytes: number } | null;
  /** A file in the work folder to be moved into the store, with its ending. */
  readonly file: { readonly path: string; readonly ending: 'qcow2' | 'raw' | 'iso' } | null;
  /** Checksum (sha256 or sha512) of the file a catalogue's mirror had. */
  readonly fetched?: string;
  /** The OCI configuration, kept for export. */
  readonly configBlob: Uint8Array | null;
}

/** In the cache: packages that were fetched for images built here (builders/debian.ts). */
export const PACKAGES_FOLDER = 'debs';

/** What makers work with. `work` is a private folder that is removed afterwards, whatever happens. */
export interface Workshop {
  readonly work: string;
  readonly cache: string;
  readonly layers: Layers;
  readonly inside: Inside;
  readonly operation: OperationContext;
}
