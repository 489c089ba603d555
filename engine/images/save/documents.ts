/** The JSON documents of a saved image (OCI image-spec 1.1: manifest.md, image-index.md). Pure. */
import { hostArchitecture } from '../config.ts';
import type { WrittenBlob } from './blob-archive.ts';

export interface SavedImage {
  readonly names: readonly string[];
  readonly config: WrittenBlob;
  /** Bottom first. */
  readonly layers: readonly WrittenBlob[];
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

const descriptor = (mediaType: string, { hex, sizeBytes }: WrittenBlob) => ({
  mediaType,
  digest: `sha256:${hex}`,
  size: sizeBytes,
});

export function composeManifest({ config, layers }: SavedImage): unknown {
  return {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor(CONFIG, config),
    layers: layers.map((layer) => descriptor(LAYER, layer)),
  };
}

/** Docker and containerd read the whole name from their own annotation, others from that of OCI. */
export function composeIndex(manifests: readonly { names: readonly string[]; blob: WrittenBlob }[]): unknown {
  const platform = { architecture: hostArchitecture(), os: 'linux' };
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: manifests.flatMap(({ names, blob }) => {
      const bare = { ...descriptor(MANIFEST, blob), platform };
      if (names.length === 0) return [bare];
      return names.map((name) => ({
        ...bare,
        annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
      }));
    }),
  };
}

interface OciConfig {
  readonly rootfs?: { readonly diff_ids?: unknown };
  readonly history?: unknown;
}

/** The same configuration over other layers. */
export function withDiffIds(config: Uint8Array, diffIds: readonly string[]): Buffer {
  const before = JSON.parse(Buffer.from(config).toString('utf8')) as OciConfig;
  const wanted = diffIds.map((hex) => `sha256:${hex}`);
  const isSame = JSON.stringify(before.rootfs?.diff_ids) === JSON.stringify(wanted);
  const history = Array.isArray(before.history) ? (before.history as { empty_layer?: boolean }[]) : [];
  const isTold = history.filter((entry) => entry?.empty_layer !== true).length === diffIds.length;
  // Word for word where nothing differs: then the image has the digest it came with.
  if (isSame && isTold) return Buffer.from(config);
  // Tools that build on an image want an entry for each layer.
  const told = isTold ? history : diffIds.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'guesthouse' }));
  return Buffer.from(JSON.stringify({ ...before, rootfs: { type: 'layers', diff_ids: wanted }, history: told }));
}
