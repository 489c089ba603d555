/** What images take on the disk, told apart by who else needs it. Pure. */
import type { ImageRecord } from './records.ts';

/** Bytes of a layer by its diff id. */
export type LayerBytes = ReadonlyMap<string, number>;

/** What removing this image frees: all of it but the layers others have too. */
export function ownBytes(record: ImageRecord, all: Iterable<ImageRecord>, layerBytes: LayerBytes): number {
  const shared = new Set<string>();
  const mine = new Set(record.layers);
  for (const other of all)
    if (other.id !== record.id) for (const layer of other.layers) if (mine.has(layer)) shared.add(layer);
  let own = record.sizeBytes;
  for (const layer of shared) own -= layerBytes.get(layer) ?? 0;
  return Math.max(0, own);
}

/** The others whose own bytes change when this image comes or goes. */
export function sharers(record: ImageRecord, all: Iterable<ImageRecord>): ImageRecord[] {
  const mine = new Set(record.layers);
  return [...all].filter((other) => other.id !== record.id && other.layers.some((layer) => mine.has(layer)));
}
