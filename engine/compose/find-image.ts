/** Images by what a file or a person calls them. Pure. */
import { GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Image } from '../contract/image.ts';

/** What this machine builds by itself, without a registry. */
const BUILDERS = ['busybox', 'busybox:latest', 'debian:12'];

/** What a pull threw; of an image that can be built here, with a hint that says so. */
export function hintToBuild(error: unknown, reference: string): unknown {
  if (!BUILDERS.includes(reference)) return error;
  const hint = `Without a registry, \`guesthouse image build ${reference.replace(':latest', '')}\` makes it here.`;
  return new GuesthouseError({ ...toErrorShape(error), hint });
}

/** Whether it may be a name of the catalogue: a registry's names have a host, a folder or another tag. */
export const mayBeListed = (reference: string): boolean => /^[a-z0-9.-]+$/.test(reference);

/** The catalogue's entry of this name, which may leave out the architecture. */
export const isListed = (entries: readonly { readonly name: string }[], reference: string): boolean =>
  entries.some(({ name }) => name === reference || name.replace(/-(amd64|arm64|riscv64)$/, '') === reference);

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
