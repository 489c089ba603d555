/** Names of content: `sha256:` and 64 hex digits. */
import { createHash } from 'node:crypto';
import { GuesthouseError } from '../contract/errors.ts';

/** The 64 hex digits of a digest. Throws `bad-data` for anything else, e.g. another algorithm. */
export function digestHex(digest: unknown): string {
  const match = typeof digest === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(digest) : null;
  if (match?.[1]) return match[1];
  throw new GuesthouseError({
    code: 'bad-data',
    message: `Not a usable digest: ${JSON.stringify(digest).slice(0, 100)}.`,
    hint: 'Digests are those of sha256; a registry may call its blobs by sha512.',
  });
}

/**
 * The hex digits of what a registry calls a blob: of sha256, or of sha512 (OCI image-spec, descriptor.md). How many there
 * are says which. Throws `bad-data`.
 */
export function contentHex(digest: unknown): string {
  const match = typeof digest === 'string' ? /^sha512:([0-9a-f]{128})$/.exec(digest) : null;
  return match?.[1] ?? digestHex(digest);
}

export const algorithmOf = (hex: string): 'sha256' | 'sha512' => (hex.length === 128 ? 'sha512' : 'sha256');

/** `sha256:` or `sha512:` and the digits. */
export const contentDigest = (hex: string): string => `${algorithmOf(hex)}:${hex}`;

/** Digits of the same algorithm as `expected`. */
export function hexLike(expected: string, bytes: Uint8Array): string {
  return createHash(algorithmOf(expected)).update(bytes).digest('hex');
}

export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `image`: the name of the image in a registry it belongs to; without it, it is of an archive. */
export function wrongDigest(what: string, expected: string, found: string, image?: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message:
      image === undefined
        ? `A ${what} is not what the archive says it is.`
        : `A ${what} of ${image} is not what it should be.`,
    ...(image === undefined ? {} : { subject: image }),
    cause: `It should be ${contentDigest(expected).slice(0, 19)}… and is ${contentDigest(found).slice(0, 19)}….`,
    hint:
      image === undefined
        ? 'The archive is damaged. Fetch or export it again.'
        : 'It was damaged on the way or in the registry. Nothing of it was kept; pull again, or push it again.',
  });
}
