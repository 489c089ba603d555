/** `docker save`: manifest.json names a configuration and its layers, bottom first (moby, image/spec/v1.2.md). */
import { acceptableName } from '../names.ts';
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

/** `wished`: which of several images. Throws `bad-data`, also for several images where none of them is wished for. */
export function parseDockerManifest(bytes: Uint8Array, wished: string | null = null): ArchiveImage {
  let manifest: unknown;
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw notImage('its manifest.json is not JSON');
  }
  if (!Array.isArray(manifest) || manifest.length === 0) throw notImage('its manifest.json lists nothing');
  const { Config, Layers, RepoTags } = oneOf(
    manifest as Record<string, unknown>[],
    ({ RepoTags: names }) => (Array.isArray(names) ? names : []),
    wished,
  );
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

/** The only image of an archive, or that of several whose name is wished for. Throws `bad-data`. */
export function oneOf<T>(images: readonly T[], namesOf: (image: T) => readonly unknown[], wished: string | null): T {
  const [only] = images;
  if (images.length === 1 && only !== undefined) return only;
  const named = images.map((image) => ({ image, names: namesOf(image).map(acceptableName) }));
  const found = wished === null ? undefined : named.find(({ names }) => names.includes(wished));
  if (found) return found.image;
  const names = [...new Set(named.flatMap((one) => one.names))].filter((name) => name !== null);
  const list = names.join(', ').slice(0, 200);
  throw notImage(
    `it holds ${images.length} images; ${list ? `say which one by its name: ${list}` : 'save one at a time'}`,
  );
}
