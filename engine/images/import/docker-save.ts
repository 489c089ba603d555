/** `docker save`: manifest.json names a configuration and its layers, bottom first (moby, image/spec/v1.2.md). */
import { notImage } from './archive-index.ts';

export interface ArchiveImage {
  /** Member that holds the configuration. */
  readonly config: string;
  /** Its sha256 (64 hex) where the archive says it. */
  readonly configDigest: string | null;
  readonly layers: readonly {
    readonly member: string;
    readonly digest: string | null;
    readonly sizeBytes: number | null;
  }[];
  /** As the archive writes them, unchecked. */
  readonly names: readonly string[];
}

const MEMBER = /^[A-Za-z0-9][A-Za-z0-9._/:-]{0,254}$/;

/** Throws `bad-data`, also for an archive of several images. */
export function parseDockerManifest(bytes: Uint8Array): ArchiveImage {
  let manifest: unknown;
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw notImage('its manifest.json is not JSON');
  }
  if (!Array.isArray(manifest) || manifest.length === 0) throw notImage('its manifest.json lists nothing');
  if (manifest.length > 1) throw notImage(`it holds ${manifest.length} images; save one at a time`);
  const { Config, Layers, RepoTags } = manifest[0] as Record<string, unknown>;
  if (typeof Config !== 'string' || !MEMBER.test(Config) || !Array.isArray(Layers))
    throw notImage('its manifest.json is malformed');
  return {
    config: Config,
    // `<64 hex>.json` or, since Docker 25, `blobs/sha256/<64 hex>`.
    configDigest: /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(Config)?.[1] ?? null,
    layers: Layers.map((member) => {
      if (typeof member !== 'string' || !MEMBER.test(member)) throw notImage('its manifest.json is malformed');
      return { member, digest: /^blobs\/sha256\/([0-9a-f]{64})$/.exec(member)?.[1] ?? null, sizeBytes: null };
    }),
    names: Array.isArray(RepoTags) ? RepoTags.filter((tag): tag is string => typeof tag === 'string') : [],
  };
}
