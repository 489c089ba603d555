/** Which image of the store a reference means, by the engine's own rules (`engine/images/lookup.ts`). Pure. */
import type { Image } from '../../engine/contract/index.ts';

/** Fewer hex digits of an id than this are no reference. */
const LEAST_DIGITS = 6;
const TAGGED = /:[^/:]+$/;

/** `reference`: a name, with or without `:latest`; an alias; an id, or the beginning of one that is nobody else's. */
export function imageOf(images: Iterable<Image>, reference: string | null): Image | undefined {
  if (!reference) return undefined;
  const all = [...images];
  const name = TAGGED.test(reference) ? reference : `${reference}:latest`;
  const exact = all.find((image) => image.id === reference || image.name === name || image.aliases.includes(name));
  if (exact) return exact;
  const hex = reference.replace(/^sha256:/, '');
  if (!/^[0-9a-f]+$/.test(hex) || hex.length < LEAST_DIGITS) return undefined;
  const begun = all.filter(({ id }) => id.startsWith(`sha256:${hex}`));
  return begun.length === 1 ? begun[0] : undefined;
}
