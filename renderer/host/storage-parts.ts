/** What takes the host's disk, as shares of a bar and as a list. Pure. */
import type { DiskUse, Image } from '../../engine/contract/index.ts';

export const PARTS = ['images', 'guests', 'trash', 'volumes', 'left', 'other', 'free'] as const;
export type Part = (typeof PARTS)[number];

export interface Taker {
  readonly kind: 'guest' | 'image' | 'volume';
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
}

const sum = (of: readonly { readonly bytes: number }[]) => of.reduce((total, { bytes }) => total + bytes, 0);

/** Bytes of each part; together the whole disk. What was measured at different moments never makes a part negative. */
export function partsOf(use: DiskUse, totalBytes: number, freeBytes: number): Record<Part, number> {
  const ours = {
    images: use.imagesBytes,
    guests: sum(use.guests),
    trash: sum(use.trash),
    volumes: sum(use.volumes),
    left: use.leftBytes,
  };
  const taken = ours.images + ours.guests + ours.trash + ours.volumes + ours.left;
  return { ...ours, other: Math.max(0, totalBytes - freeBytes - taken), free: freeBytes };
}

/** The largest first; of images what removing one would free. */
export function takersOf(use: DiskUse, images: Iterable<Image>): Taker[] {
  const all: Taker[] = [
    ...use.guests.map((it) => ({ kind: 'guest' as const, ...it })),
    ...use.volumes.map((it) => ({ kind: 'volume' as const, ...it })),
    ...[...images].map(({ id, name, ownBytes }) => ({ kind: 'image' as const, id, name, bytes: ownBytes })),
  ];
  return all.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes || a.name.localeCompare(b.name));
}
