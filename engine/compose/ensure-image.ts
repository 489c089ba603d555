/** The image a guest is made from: from the store, or fetched when it is not there. */
import { GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Image } from '../contract/image.ts';
import { quoted } from '../notation/misuse.ts';
import { findImage } from './find-image.ts';

export type PullPolicy = 'missing' | 'always' | 'never';

/** What can be asked for images; how it is shown meanwhile is the asker's. */
export interface ImageShop {
  list(): Promise<readonly Image[]>;
  catalogue(): Promise<readonly { readonly name: string }[]>;
  /** By its name in the catalogue. */
  fetch(name: string): Promise<Image>;
  pull(reference: string): Promise<Image>;
}

/** What this machine builds by itself, without a registry. */
const BUILDERS = ['busybox', 'busybox:latest', 'debian:12'];

/** Answers the name to make guests from. Throws what the pull throws, and `not-found` for what may not be pulled. */
export async function ensureImage(shop: ImageShop, reference: string, pull: PullPolicy): Promise<string> {
  if (pull !== 'always' && findImage(await shop.list(), reference)) return reference;
  if (pull === 'never') {
    throw new GuesthouseError({
      code: 'not-found',
      message: `There is no image named ${quoted(reference)} here.`,
      subject: reference,
      hint: 'Fetch it with `guesthouse pull`, or leave --pull never out.',
    });
  }
  const listed = await fetchIfListed(shop, reference);
  if (listed) return listed.name;
  try {
    return (await shop.pull(reference)).name;
  } catch (error) {
    if (!BUILDERS.includes(reference)) throw error;
    const hint = `Without a registry, \`guesthouse image build ${reference.replace(':latest', '')}\` makes it here.`;
    throw new GuesthouseError({ ...toErrorShape(error), hint });
  }
}

/** Fetches what the catalogue lists under this name; null: it lists none. */
export async function fetchIfListed(
  shop: Pick<ImageShop, 'catalogue' | 'fetch'>,
  reference: string,
): Promise<Image | null> {
  return mayBeListed(reference) && isListed(await shop.catalogue(), reference) ? shop.fetch(reference) : null;
}

/** A registry's names have a host, a folder or another tag. */
const mayBeListed = (reference: string): boolean => /^[a-z0-9.-]+$/.test(reference);

/** The architecture may be left out. */
const isListed = (entries: readonly { readonly name: string }[], reference: string): boolean =>
  entries.some(({ name }) => name === reference || name.replace(/-(amd64|arm64|riscv64)$/, '') === reference);
