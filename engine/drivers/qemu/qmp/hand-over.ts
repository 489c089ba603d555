/**
 * Files for a QEMU that runs: it may open none itself, so it gets them opened over its monitor's socket (QMP's `add-fd`
 * with SCM_RIGHTS; QEMU's qapi/misc.json). Whatever opens files by name in QEMU takes `/dev/fdset/N`, any number of times.
 */
import type { FileHandle } from 'node:fs/promises';
import { type Access, openForQemu } from '../descriptors.ts';
import type { Qmp } from './client.ts';

export interface HandedFile {
  /** QEMU's number of the set the descriptor is in. */
  readonly set: number;
  /** The name by which QEMU opens it: `/dev/fdset/N`. */
  readonly name: string;
}

/**
 * Opens `path` and hands it over; QEMU remembers the path as the set's word (`opaque`), see `setsOf`. `set`: one that is
 * there already gets a further descriptor, for what is opened now to read and later to write. Throws as `execute` does,
 * and `not-found` or `denied` by the file's name.
 */
export async function handOver(qmp: Qmp, path: string, access: Access, set?: number): Promise<HandedFile> {
  return giveOver(qmp, await openForQemu(path, access), path, set);
}

/** The same for a file that is open already; it is closed here in any case. */
export async function giveOver(qmp: Qmp, file: FileHandle, path: string, set?: number): Promise<HandedFile> {
  try {
    const args = { opaque: path, ...(set === undefined ? {} : { 'fdset-id': set }) };
    const answer = (await qmp.execute('add-fd', args, file.fd)) as { 'fdset-id': number };
    return { set: answer['fdset-id'], name: `/dev/fdset/${answer['fdset-id']}` };
  } finally {
    await file.close();
  }
}

/** QEMU closes the set's descriptors as soon as nothing in it uses them. */
export async function takeBack(qmp: Qmp, set: number): Promise<void> {
  await qmp.execute('remove-fd', { 'fdset-id': set });
}

/** Numbers of the sets that were handed over for this path, now or by an earlier engine. */
export async function setsOf(qmp: Qmp, path: string): Promise<number[]> {
  const sets = (await qmp.execute('query-fdsets')) as { 'fdset-id': number; fds: { opaque?: string }[] }[];
  return sets.filter(({ fds }) => fds.some(({ opaque }) => opaque === path)).map((found) => found['fdset-id']);
}
