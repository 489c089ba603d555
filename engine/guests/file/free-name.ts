import type { Image } from '../../contract/image.ts';

/** A name for an image that no other has. */
export function freeName(wish: string, images: readonly Pick<Image, 'name' | 'aliases'>[]): string {
  const taken = new Set(images.flatMap(({ name, aliases }) => [name, ...aliases]));
  const plain = wish.includes('@') ? (wish.split('@')[0] as string) : wish;
  const tagged = plain.slice(plain.lastIndexOf('/') + 1).includes(':') ? plain : `${plain}:latest`;
  let name = tagged;
  for (let number = 2; taken.has(name); number++) name = `${tagged}-${number}`;
  return name;
}
