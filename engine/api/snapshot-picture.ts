/** The picture of the screen a snapshot was taken with. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineStreams } from '../contract/api.ts';
import { GuesthouseError } from '../contract/errors.ts';
import { findSnapshot, snapshotFolder } from '../guests/snapshots/record.ts';
import { sendingPicture } from './screen.ts';
import type { StreamContext, StreamSink, StreamSource } from './streams.ts';

/** Throws `not-found` when there is no such snapshot, or it has no picture. */
export async function openSnapshotPicture(
  { guest, snapshot }: EngineStreams['snapshot-picture']['args'],
  sink: StreamSink,
  { guests }: StreamContext,
): Promise<StreamSource<'snapshot-picture'>> {
  const { id, spec } = guests.entry(guest).manifest;
  const { paths } = guests.rooms().context;
  const record = await findSnapshot(paths, { id, name: spec.name }, snapshot);
  const png = record.picture
    ? await readFile(join(snapshotFolder(paths, id, record.id), 'screen.png')).catch(() => null)
    : null;
  if (png) return sendingPicture<'snapshot-picture'>({ sizeBytes: png.length }, png, sink);
  throw new GuesthouseError({
    code: 'not-found',
    message: `The snapshot ${record.name} has no picture.`,
    subject: record.name,
  });
}
