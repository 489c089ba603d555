/**
 * Who keeps a name when a new image takes it. Like `docker tag` the name moves to the new image; but no image is ever
 * left without a name: an import's predecessor stays under `name:tag-<12 hex of its id>`, an unused earlier build of
 * the same builder goes, because it was made to be made again.
 */
import { type ImageRecord, idHex } from './records.ts';

export type NamingChange = { readonly keep: ImageRecord } | { readonly erase: string };

export function displaced(
  taker: ImageRecord,
  records: readonly ImageRecord[],
  usersOf: (id: string) => readonly string[],
): NamingChange[] {
  const changes: NamingChange[] = [];
  for (const record of records) {
    if (record.id === taker.id) continue;
    const left = record.names.filter((name) => !taker.names.includes(name));
    if (left.length === record.names.length) continue;
    if (left.length > 0) changes.push({ keep: { ...record, names: left } });
    else if (taker.builder !== null && record.builder === taker.builder && usersOf(record.id).length === 0)
      changes.push({ erase: record.id });
    else {
      const fallback = `${(record.names[0] as string).slice(0, 240)}${fallbackEnding(record)}`;
      changes.push({ keep: { ...record, names: [fallback] } });
    }
  }
  return changes;
}

/** Nobody calls it by a name any more but the one it got when it lost its own. */
export function isDisplaced(record: Pick<ImageRecord, 'id' | 'names'>): boolean {
  return record.names.every((name) => name.endsWith(fallbackEnding(record)));
}

const fallbackEnding = ({ id }: Pick<ImageRecord, 'id'>): string => `-${idHex(id).slice(0, 12)}`;
