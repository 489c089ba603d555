/** Images by what a file or a person calls them. Pure. */
import type { Image } from '../contract/image.ts';

/** By name, further name or id, as the store looks it up. */
export function findImage(images: readonly Image[], reference: string): Image | undefined {
  const withTag = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  const isId = /^(sha256:)?[0-9a-f]{6,64}$/.test(reference);
  return images.find(
    ({ id, name, aliases }) =>
      [name, ...aliases].some((known) => known === reference || known === withTag) ||
      (isId && id.replace('sha256:', '').startsWith(reference.replace('sha256:', ''))),
  );
}
