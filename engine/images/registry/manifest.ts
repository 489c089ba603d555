/**
 * Manifests and indexes: OCI image specification 1.1 and Docker's image manifest version 2, schema 2. They come from
 * strangers: every field used is looked at, and what two readers could understand differently is refused
 * (CVE-2021-41190: one document that is both an index and a manifest).
 */
import { contentHex } from '../digests.ts';
import { refusedImage } from './failure.ts';

export interface Blob {
  /** 64 hex digits of its sha256, or 128 of its sha512. */
  readonly hex: string;
  readonly sizeBytes: number;
}

export interface Manifest {
  readonly config: Blob;
  /** Bottom first. */
  readonly layers: readonly LayerBlob[];
}

export interface LayerBlob extends Blob {
  /** Of a kind that registries are not meant to have. */
  readonly isForeign?: true;
}

export type Document = { readonly manifest: Manifest } | { readonly index: readonly IndexEntry[] };

export interface IndexEntry extends Blob {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
  /** It leads to further entries. */
  readonly isIndex?: true;
}

const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker';
const MANIFESTS = [`${OCI}.manifest.v1+json`, `${DOCKER}.distribution.manifest.v2+json`];
const INDEXES = [`${OCI}.index.v1+json`, `${DOCKER}.distribution.manifest.list.v2+json`];
const CONFIGS = [`${OCI}.config.v1+json`, `${DOCKER}.container.image.v1+json`];
const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;
/** Layers that may not be redistributed have `urls`; the registry is asked for them like for any other. */
const LAYER =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+gzip|\+zstd)?|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?)$/;

/** What we ask for, best first. */
export const ACCEPT = [...INDEXES, ...MANIFESTS].join(', ');
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
export const MAX_CONFIG_BYTES = 8 * 1024 * 1024;
/** A layer larger than this is nobody's (bytes). */
const MAX_LAYER_BYTES = 128 * 1024 ** 3;
const MAX_INDEX_ENTRIES = 1000;

/** `contentType`: as the registry said. Throws `bad-data`, or `unsupported` for what is well-formed but not for us. */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined, name: string): Document {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Record<string, unknown>;
  } catch {
    throw refusedImage(name, 'its manifest is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw refusedImage(name, 'its manifest is not an object');
  const said = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const type = json.mediaType === undefined ? said : json.mediaType;
  if (SCHEMA_1.test(said) || SCHEMA_1.test(String(type)) || json.schemaVersion === 1) {
    throw refusedImage(
      name,
      'its manifest is of Docker schema 1, which is no longer in use; push it again',
      'unsupported',
    );
  }
  if (json.schemaVersion !== 2) throw refusedImage(name, 'its manifest has no version we know');
  const isKnown = (one: unknown) => [...MANIFESTS, ...INDEXES].includes(one as string);
  if (json.mediaType !== undefined && isKnown(said) && json.mediaType !== said)
    throw refusedImage(name, 'its manifest calls itself something else than the registry does');
  const isIndex = Object.hasOwn(json, 'manifests');
  const isManifest = Object.hasOwn(json, 'layers') || Object.hasOwn(json, 'config');
  if (isIndex === isManifest) throw refusedImage(name, 'its manifest is ambiguous');
  if (isKnown(type) && INDEXES.includes(type as string) !== isIndex)
    throw refusedImage(name, 'its manifest is not of the kind it is called');
  if (isIndex) return { index: entries(json.manifests, name) };

  const { mediaType: configType } = object(json.config);
  if (typeof configType === 'string' && !CONFIGS.includes(configType))
    throw refusedImage(name, `it is no container image but ${JSON.stringify(configType.slice(0, 80))}`, 'unsupported');
  if (!Array.isArray(json.layers)) throw refusedImage(name, 'it lists no layers');
  const config = blob(json.config, name);
  if (config.sizeBytes > MAX_CONFIG_BYTES) throw refusedImage(name, 'its configuration is too large');
  const layers = json.layers.map((layer) => {
    const { mediaType } = object(layer);
    if (typeof mediaType !== 'string' || !LAYER.test(mediaType))
      throw refusedImage(
        name,
        `a layer is of the kind ${JSON.stringify(String(mediaType).slice(0, 80))}`,
        'unsupported',
      );
    const found = blob(layer, name);
    if (found.sizeBytes > MAX_LAYER_BYTES) throw refusedImage(name, 'a layer is too large');
    return /nondistributable|foreign/.test(mediaType) ? { ...found, isForeign: true as const } : found;
  });
  return { manifest: { config, layers } };
}

/** The entry for this host. `architecture`: Go's name. Throws `unsupported` and says what there is. */
export function selectPlatform(index: readonly IndexEntry[], architecture: string, name: string): IndexEntry {
  // Attestations and signatures travel as entries of an unknown platform.
  const images = index.filter((entry) => entry.architecture !== 'unknown' && entry.os !== 'unknown');
  // Some tools list one image and do not say what for; its configuration does.
  const [only] = images;
  if (images.length === 1 && only?.os === '' && only.architecture === '') return only;
  const fitting = images.filter((entry) => entry.os === 'linux' && entry.architecture === architecture);
  for (const variant of VARIANTS[architecture] ?? ['']) {
    const found = fitting.find((entry) => entry.variant === variant);
    if (found) return found;
  }
  const there = images.map((one) => [one.os, one.architecture, one.variant].filter(Boolean).join('/'));
  const list = [...new Set(there)].join(', ').slice(0, 200) || 'nothing';
  throw refusedImage(name, `it has nothing for linux/${architecture}, only ${list}`, 'unsupported');
}

/** Which builds run everywhere on such a processor, best first. v2 and v3 of amd64 need newer ones than we know of. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  amd64: ['', 'v1'],
  arm64: ['v8', ''],
  arm: ['v7', 'v6', '', 'v5'],
};

function entries(value: unknown, name: string): IndexEntry[] {
  if (!Array.isArray(value) || value.length === 0) throw refusedImage(name, 'its index lists nothing');
  if (value.length > MAX_INDEX_ENTRIES) throw refusedImage(name, 'its index lists too much');
  return value.flatMap((entry) => {
    const { mediaType, platform } = object(entry);
    const isIndex = INDEXES.includes(mediaType as string);
    // Other things may be listed as well.
    if (mediaType !== undefined && !isIndex && !MANIFESTS.includes(mediaType as string)) return [];
    const { os, architecture, variant } = object(platform);
    const text = (field: unknown) => (typeof field === 'string' ? field.slice(0, 40) : '');
    const found = blob(entry, name);
    if (found.sizeBytes > MAX_MANIFEST_BYTES) throw refusedImage(name, 'its manifest is too large');
    return [
      {
        ...found,
        os: text(os),
        architecture: text(architecture),
        variant: text(variant),
        ...(isIndex ? { isIndex } : {}),
      },
    ];
  });
}

function blob(value: unknown, name: string): Blob {
  const { digest, size } = object(value);
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    throw refusedImage(name, 'a size in its manifest is missing');
  return { hex: contentHex(digest), sizeBytes: size as number };
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
