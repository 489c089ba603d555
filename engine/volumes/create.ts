/** The volumes of one home. See decisions/0010-volumes-and-guest-files.md. */
import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import type { Volume } from '../contract/volume.ts';
import { privateFolder } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import type { Paths } from '../host/paths.ts';
import type { Inside } from '../images/inside.ts';
import { nameProblem, unknownVolume, unreadableFinding, volumeInUse } from './problems.ts';
import { eraseVolume, readVolumes, type UnreadableVolume, type VolumeRecord, writeVolume } from './records.ts';
import type { VolumeStore } from './store.ts';

/** Beside `data` while it is filled from an image; what a crash left of them goes at start. */
export const FILL_FOLDERS = ['fill', 'fill-work'] as const;

export function createVolumes({ paths, log, inside }: { paths: Paths; log: Log; inside: Inside }): VolumeStore {
  const root = paths.volumes;
  const records = new Map<string, VolumeRecord>();
  const sizes = new Map<string, number>();
  /** Names of volumes that are being made. */
  const making = new Set<string>();
  let unreadable: readonly UnreadableVolume[] = [];
  let users: ReadonlyMap<string, readonly string[]> = new Map();

  const usersOf = (name: string) => users.get(name) ?? [];
  const dataOf = (id: string) => join(root, id, 'data');
  const show = ({ id, name, createdAt, guestId, labels }: VolumeRecord): Volume => ({
    id,
    name,
    createdAt,
    anonymous: guestId !== null,
    sizeBytes: sizes.get(id) ?? null,
    labels,
    usedBy: usersOf(name),
  });
  const announce = (record: VolumeRecord) => store.onChange({ volume: show(record) });
  const find = (ref: string): VolumeRecord => {
    const found = records.get(ref) ?? [...records.values()].find(({ name }) => name === ref);
    if (found) return found;
    throw unknownVolume(ref);
  };
  const isTaken = (name: string) =>
    making.has(name) || [...records.values()].some((record) => record.name === name || record.id === name);

  async function make(record: Omit<VolumeRecord, 'version' | 'createdAt'>): Promise<Volume> {
    const { id, name } = record;
    making.add(name);
    try {
      await privateFolder(join(root, id));
      await mkdir(dataOf(id), { recursive: true });
      await chmod(dataOf(id), 0o755); // whatever the umask says: guests run as anybody
      const made = await writeVolume(root, { ...record, createdAt: Date.now() });
      records.set(id, made);
      announce(made);
      return show(made);
    } catch (error) {
      await inside.removeTree(join(root, id)).catch(() => {});
      throw error;
    } finally {
      making.delete(name);
    }
  }

  async function drop(record: VolumeRecord): Promise<void> {
    // First here: a guest made while the files go must not get a volume that is going.
    records.delete(record.id);
    try {
      await eraseVolume(root, record.id);
    } catch (error) {
      records.set(record.id, record);
      throw error;
    }
    sizes.delete(record.id);
    store.onChange({ removed: record.id });
    await inside.removeTree(join(root, record.id));
  }

  async function look(record: VolumeRecord): Promise<number> {
    await inside.ensure();
    const bytes = await inside.diskUse(dataOf(record.id));
    const before = sizes.get(record.id);
    sizes.set(record.id, bytes);
    if (before !== bytes && records.has(record.id)) announce(record);
    return bytes;
  }

  async function dropAll(which: (guestId: string) => boolean): Promise<void> {
    for (const record of [...records.values()])
      if (record.guestId !== null && which(record.guestId)) await drop(record);
  }

  const store: VolumeStore = {
    onChange: () => {},
    list: () => [...records.values()].map(show).sort((a, b) => a.name.localeCompare(b.name)),
    get: (ref) => show(find(ref)),
    doctor: async () => unreadable.map(unreadableFinding),

    async load() {
      await privateFolder(root);
      const found = await readVolumes(root);
      for (const record of found.records) records.set(record.id, record);
      unreadable = found.unreadable;
      for (const one of unreadable) log.error('a volume cannot be read and is left alone', { ...one });
      const left = found.rubbish.map((id) => join(root, id));
      for (const { id } of found.records)
        for (const name of FILL_FOLDERS)
          if (await lstat(join(root, id, name)).catch(() => null)) left.push(join(root, id, name));
      for (const folder of left) {
        log.info('removing a half-made volume', { folder });
        await inside.removeTree(folder).catch((error) => log.warn('it could not be removed', { folder, error }));
      }
    },

    async create(name, labels) {
      const problem = nameProblem(name);
      if (problem) throw problem;
      if (isTaken(name))
        throw new GuesthouseError({
          code: 'conflict',
          message: `There is a volume named ${name} already.`,
          subject: name,
          hint: 'Choose another name, or remove that volume first.',
        });
      const ids = new Set([...records.keys(), ...unreadable.map((one) => one.id)]);
      return make({ id: newVolumeId(ids), name, guestId: null, labels });
    },

    createFor: (guestId, volumeId) => make({ id: volumeId, name: volumeId, guestId, labels: {} }),

    async inspect(ref) {
      const record = find(ref);
      await look(record);
      return show(record);
    },

    async remove(ref) {
      const record = find(ref);
      const usedBy = usersOf(record.name);
      if (usedBy.length > 0) throw volumeInUse(record.name, usedBy);
      await drop(record);
    },

    async prune(dryRun) {
      const removed: string[] = [];
      let freedBytes = 0;
      for (const record of [...records.values()]) {
        if (usersOf(record.name).length > 0) continue;
        const bytes = await look(record);
        // A guest may have come to use it meanwhile.
        if (!records.has(record.id) || usersOf(record.name).length > 0) continue;
        if (!dryRun) await drop(record);
        removed.push(record.name);
        freedBytes += bytes;
      }
      return { removed, freedBytes };
    },

    path: async (ref) => dataOf(find(ref).id),
    removeOf: (guestId) => dropAll((one) => one === guestId),
    sweep: (guestIds) => dropAll((one) => !guestIds.has(one)),

    setUsers(next) {
      const before = users;
      users = next;
      for (const record of records.values())
        if ((before.get(record.name) ?? []).join() !== usersOf(record.name).join()) announce(record);
    },
  };
  return store;
}

/** 12 hex digits that none of these is. */
export function newVolumeId(taken: ReadonlySet<string>): string {
  for (;;) {
    const id = randomBytes(6).toString('hex');
    if (!taken.has(id)) return id;
  }
}
