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
import { packTree, unpackFolder, unpackTree } from './carry.ts';
import { copyTree } from './copy-tree.ts';
import { FILL_FOLDERS, fillVolume } from './fill.ts';
import { nameProblem, unknownVolume, unreadableFinding, volumeInUse } from './problems.ts';
import { eraseVolume, readVolumes, type UnreadableVolume, type VolumeRecord, writeVolume } from './records.ts';
import type { VolumeStore } from './store.ts';

export function createVolumes({ paths, log, inside }: { paths: Paths; log: Log; inside: Inside }): VolumeStore {
  const root = paths.volumes;
  const records = new Map<string, VolumeRecord>();
  const sizes = new Map<string, number>();
  /** Volumes that are being made, by name. */
  const making = new Map<string, Promise<Volume>>();
  /** One after the other fills the same volume. */
  const filling = new Map<string, Promise<void>>();
  let unreadable: readonly UnreadableVolume[] = [];
  let users: ReadonlyMap<string, readonly string[]> = new Map();

  const usersOf = ({ id, name }: Pick<VolumeRecord, 'id' | 'name'>) =>
    id === name ? (users.get(id) ?? []) : [...new Set([...(users.get(name) ?? []), ...(users.get(id) ?? [])])];
  const dataOf = (id: string) => join(root, id, 'data');
  const show = ({ id, name, createdAt, guestId, labels }: VolumeRecord): Volume => ({
    id,
    name,
    createdAt,
    anonymous: guestId !== null,
    sizeBytes: sizes.get(id) ?? null,
    labels,
    usedBy: usersOf({ id, name }),
  });
  const announce = (record: VolumeRecord) => store.onChange({ volume: show(record) });
  const find = (ref: string): VolumeRecord => {
    const found = records.get(ref) ?? [...records.values()].find(({ name }) => name === ref);
    if (found) return found;
    throw unknownVolume(ref);
  };
  const isTaken = (name: string) =>
    making.has(name) || [...records.values()].some((record) => record.name === name || record.id === name);

  function make(record: Omit<VolumeRecord, 'version' | 'createdAt'>): Promise<Volume> {
    const made = makeWhole(record).finally(() => making.delete(record.name));
    making.set(record.name, made);
    return made;
  }

  async function makeWhole(record: Omit<VolumeRecord, 'version' | 'createdAt'>): Promise<Volume> {
    const { id } = record;
    try {
      await privateFolder(join(root, id));
      await mkdir(dataOf(id), { recursive: true });
      await chmod(dataOf(id), 0o755); // whatever the umask says: guests run as anybody
      const made = await writeVolume(root, { ...record, createdAt: Date.now() });
      records.set(id, made);
      announce(made);
      store.onEvent('create', made);
      return show(made);
    } catch (error) {
      await inside.removeTree(join(root, id)).catch(() => {});
      throw error;
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
    store.onEvent('remove', record);
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
    onEvent: () => {},
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

    async ensure(ref, labels = {}) {
      const found = records.get(ref) ?? [...records.values()].find(({ name }) => name === ref);
      if (found) return null;
      const other = making.get(ref);
      if (!other) return (await store.create(ref, labels)).id;
      await other;
      return null;
    },

    async discard(ref, user) {
      const record = find(ref);
      if (usersOf(record).every((name) => name === user)) await drop(record);
    },

    createFor: (guestId, volumeId) => make({ id: volumeId, name: volumeId, guestId, labels: {} }),

    async inspect(ref) {
      const record = find(ref);
      await look(record);
      return show(record);
    },

    async remove(ref) {
      const record = find(ref);
      const usedBy = usersOf(record);
      if (usedBy.length > 0) throw volumeInUse(record.name, usedBy);
      await drop(record);
    },

    async prune(dryRun, keepNamed = false) {
      const removed: string[] = [];
      let freedBytes = 0;
      for (const record of [...records.values()]) {
        if (usersOf(record).length > 0 || (keepNamed && record.guestId === null)) continue;
        const bytes = await look(record);
        // A guest may have come to use it meanwhile.
        if (!records.has(record.id) || usersOf(record).length > 0) continue;
        if (!dryRun) await drop(record);
        removed.push(record.name);
        freedBytes += bytes;
      }
      return { removed, freedBytes };
    },

    async fill(ref, user, content, signal, onBegin) {
      const record = find(ref);
      const { id } = record;
      // Its users see the folder as it is now, and would not see another one in its place.
      if (usersOf(record).some((one) => one !== user)) return;
      const before = filling.get(id) ?? Promise.resolve();
      const mine = before.catch(() => {}).then(() => fillVolume(inside, join(root, id), content, signal, onBegin));
      filling.set(id, mine);
      await mine.finally(() => {
        if (filling.get(id) === mine) filling.delete(id);
      });
    },

    copy: (from, to, operation) =>
      copyTree(inside, dataOf(find(from).id), dataOf(find(to).id), `Copying the volume ${from}`, operation),

    pack: (ref, signal) => packTree(inside, dataOf(find(ref).id), signal),

    unpack(ref, source, signal) {
      const folder = join(root, find(ref).id);
      return unpackTree(inside, source, join(folder, 'data'), unpackFolder(folder), { signal });
    },

    path: async (ref) => dataOf(find(ref).id),
    removeOf: (guestId) => dropAll((one) => one === guestId),
    sweep: (guestIds) => dropAll((one) => !guestIds.has(one)),

    setUsers(next) {
      const all = [...records.values()];
      const before = all.map((record) => usersOf(record).join());
      users = next;
      for (const [at, record] of all.entries()) if (before[at] !== usersOf(record).join()) announce(record);
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
