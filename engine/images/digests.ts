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
    hint: 'Only sha256 digests are accepted.',
  });
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
    cause: `It should be sha256:${expected.slice(0, 12)}… and is sha256:${found.slice(0, 12)}….`,
    hint:
      image === undefined
        ? 'The archive is damaged. Fetch or export it again.'
        : 'It was damaged on the way or in the registry. Nothing of it was kept; pull again, or push it again.',
  });
}
