/** OCI image layout (image-spec, image-layout.md): index.json -> manifest of this architecture -> blobs. */
import { digestHex, sha256Hex, wrongDigest } from '../digests.ts';
import { type ArchiveIndex, notImage } from './archive-index.ts';
import { type ArchiveImage, oneOf } from './docker-save.ts';

interface Descriptor {
  readonly mediaType?: string;
  readonly digest?: string;
  readonly size?: number;
  readonly platform?: { readonly architecture?: string; readonly os?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

const MAX_DEPTH = 3;

/**
 * Follows indexes down to one manifest. `wished`: the name of the image in a layout of several. Throws `bad-data`, naming
 * the architectures there are if none fits.
 */
export async function readOciLayout(
  archive: ArchiveIndex,
  architecture: string,
  wished: string | null = null,
): Promise<ArchiveImage> {
  let list = json(await archive.read('index.json'), 'index.json');
  const names: string[] = [];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const chosen = choose(list.manifests, architecture, wished);
    names.push(...namesOf(chosen));
    const blob = await readBlob(archive, chosen);
    const document = json(blob, 'a manifest');
    if (!Array.isArray(document.layers)) {
      list = document;
      continue;
    }
    const config = (document.config ?? {}) as Descriptor;
    return {
      config: blobMember(config),
      configDigest: digestHex(config.digest),
      layers: (document.layers as Descriptor[]).map((layer) => ({
        member: blobMember(layer),
        digest: digestHex(layer.digest),
        sizeBytes: sizeOf(layer),
      })),
      // A lone tag such as `latest` is no name.
      names: names.filter((name) => /[:/]/.test(name)),
    };
  }
  throw notImage('its indexes are nested too deeply');
}

/** Docker and containerd write the whole name, others only the tag. */
function namesOf({ annotations = {} }: Descriptor): string[] {
  return ['io.containerd.image.name', 'org.opencontainers.image.ref.name']
    .map((key) => annotations[key])
    .filter((name) => typeof name === 'string');
}

function choose(manifests: unknown, architecture: string, wished: string | null): Descriptor {
  if (!Array.isArray(manifests) || manifests.length === 0) throw notImage('its index lists nothing');
  // Attestations and signatures travel as manifests of an unknown platform.
  const images = (manifests as Descriptor[]).filter((one) => one?.platform?.architecture !== 'unknown');
  const fitting = images.filter(
    ({ platform }) => !platform || (platform.architecture === architecture && (platform.os ?? 'linux') === 'linux'),
  );
  if (fitting.length > 0) {
    // One image under several names is listed once for each.
    const isOne = new Set(fitting.map(({ digest }) => digest)).size === 1;
    return oneOf(isOne ? fitting.slice(0, 1) : fitting, namesOf, wished);
  }
  const there = [...new Set(images.map(({ platform }) => `${platform?.os}/${platform?.architecture}`))].join(', ');
  throw notImage(`it has nothing for linux/${architecture}, only for ${there.slice(0, 200)}`);
}

async function readBlob(archive: ArchiveIndex, descriptor: Descriptor): Promise<Buffer> {
  const member = blobMember(descriptor);
  const blob = await archive.read(member);
  const expected = digestHex(descriptor.digest);
  if (blob.length !== sizeOf(descriptor)) throw notImage('a manifest has another size than said');
  if (sha256Hex(blob) !== expected) throw wrongDigest('manifest', expected, sha256Hex(blob));
  return blob;
}

function blobMember(descriptor: Descriptor): string {
  return `blobs/sha256/${digestHex(descriptor?.digest)}`;
}

function sizeOf(descriptor: Descriptor): number {
  if (!Number.isSafeInteger(descriptor.size) || (descriptor.size as number) < 0) throw notImage('a size is missing');
  return descriptor.size as number;
}

function json(bytes: Uint8Array, what: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // said below
  }
  throw notImage(`${what} is not JSON`);
}
