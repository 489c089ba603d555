/**
 * The image store. Whatever is made is made in a work folder and admitted by writing its record last; whatever no
 * record speaks of is swept. See decisions/0006-one-image-store.md.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { freeing } from '../contract/trash.ts';
import type { OperationContext } from '../drivers/driver.ts';
import { privateFolder, syncFolder, writeAtomic } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import type { Paths } from '../host/paths.ts';
import { explainSpace } from '../host/space.ts';
import type { House } from '../networks/house.ts';
import { createCataloguing } from './cataloguing.ts';
import { createConverting } from './converting.ts';
import { sweepPartials } from './fetch/sweep-partials.ts';
import { createTurns } from './fetch/turns.ts';
import { createInside } from './inside.ts';
import { createLayers } from './layers.ts';
import { findImage, findOrNull, tagged } from './lookup.ts';
import { createMachines } from './machines.ts';
import type { MadeImage, Workshop } from './made.ts';
import { fullName } from './names.ts';
import { displaced } from './naming.ts';
import { createReading } from './reading.ts';
import {
  eraseRecord,
  type ImageRecord,
  idHex,
  readRecords,
  storeFolders,
  toImage,
  type UnreadableRecord,
  writeRecord,
} from './records.ts';
import { ownBytes, sharers } from './sizes.ts';
import type { ImageStore } from './store.ts';
import { collectRubbish, removeWork, sweepWork } from './sweep.ts';
import { unreadableFinding, unreadableImage } from './unreadable.ts';

/** Where a build's programs are in the house: on its own network, with an address nobody is given. */
const BUILDER = { name: 'build', address: '10.99.0.1', mac: '', ports: [] };

/** How images are made is loaded when one is made: most commands only look. */
export function createImageStore({ paths, log, house }: { paths: Paths; log: Log; house: House }): ImageStore {
  const folders = storeFolders(paths.images);
  const inside = createInside(house);
  const layers = createLayers(folders.layers, inside);
  const records = new Map<string, ImageRecord>();
  /** Of every layer some record speaks of. */
  const layerBytes = new Map<string, number>();
  let unreadable: readonly UnreadableRecord[] = [];
  const turns = createTurns();
  let users: ReadonlyMap<string, readonly string[]> = new Map();
  /** Acts that may hold layers no record speaks of yet; rubbish is left alone meanwhile. */
  let making = 0;

  const usersOf = (id: string) => users.get(id) ?? [];
  const shown = (record: ImageRecord, asked?: string) =>
    toImage(record, usersOf(record.id), ownBytes(record, records.values(), layerBytes), asked);
  const announce = (record: ImageRecord) => store.onChange({ image: shown(record) });
  const byId = (id: string): ImageRecord => {
    const record = records.get(id);
    if (record) return record;
    const damaged = unreadable.find(({ hex }) => id === `sha256:${hex}`);
    if (damaged) throw unreadableImage(damaged);
    throw new GuesthouseError({
      code: 'not-found',
      message: 'The image is no longer in the store.',
      subject: id,
      hint: 'Build or import it again.',
    });
  };
  const collect = async () => {
    if (making === 0) await collectRubbish({ folders, records: [...records.values()], unreadable, layers, log });
  };
  const keep = async (record: ImageRecord) => {
    await writeRecord(folders, record);
    records.set(record.id, record);
    unreadable = unreadable.filter(({ hex }) => hex !== idHex(record.id)); // made again, it is whole again
    for (const one of [record, ...sharers(record, records.values())]) announce(one);
  };
  const machines = createMachines({ folders, cache: paths.cache, layers, log });

  /** Runs `make` with a work folder; afterwards nothing but what was admitted is left. */
  async function inWorkshop<T>(
    doing: string,
    operation: OperationContext,
    make: (workshop: Workshop) => Promise<T>,
  ): Promise<T> {
    const work = join(folders.work, randomBytes(6).toString('hex'));
    making++;
    try {
      await inside.ensure();
      operation.signal.throwIfAborted();
      await mkdir(work, { mode: 0o700 });
      return await make({ work, cache: paths.cache, layers, inside, operation });
    } catch (error) {
      // Whatever failed because of a cancellation is a cancellation.
      if (operation.signal.aborted) throw new GuesthouseError({ code: 'cancelled', message: 'Cancelled.' });
      throw explainSpace(error, folders.work, doing);
    } finally {
      making--;
      const tidy = (error: unknown) => log.warn('image store could not tidy up', { error });
      await removeWork(work, inside).catch(tidy);
      await collect().catch(tidy);
      await sweepPartials(folders.partials, turns).catch(tidy);
    }
  }

  /** Moves what was made into the store and gives it its name. */
  async function admit(made: MadeImage): Promise<ImageRecord> {
    const id = `sha256:${made.hex}`;
    let sizeBytes = 0;
    // Layers are shared: what another act has just made is made durable with ours.
    if (made.layers.length > 0) await layers.sync();
    for (const diffId of new Set(made.layers)) {
      layerBytes.set(diffId, (await layers.read(diffId))?.sizeBytes ?? 0);
      sizeBytes += layerBytes.get(diffId) ?? 0;
    }
    if (made.file) {
      const place = join(folders.files, `${made.hex}.${made.file.ending}`);
      await rename(made.file.path, place);
      await syncFolder(folders.files);
      sizeBytes = (await stat(place)).blocks * 512;
    }
    const before = records.get(id);
    const names = [made.name, ...(before?.names ?? []).filter((name) => name !== made.name)];
    const fetchedNow = made.fetched !== undefined;
    const fetched = made.fetched ?? before?.fetched;
    const record: ImageRecord = {
      version: 1,
      id,
      names,
      kind: made.kind,
      createdAt: before?.createdAt ?? Date.now(),
      sizeBytes: before ? Math.max(before.sizeBytes, sizeBytes) : sizeBytes,
      // Of what was fetched, who vouches for it now.
      origin: fetchedNow ? made.origin : (before?.origin ?? made.origin),
      builder: made.builder ?? before?.builder ?? null,
      architecture: made.architecture,
      config: made.config,
      layers: made.layers,
      disk: made.disk,
      ...(fetched === undefined ? {} : { fetched }),
    };
    if (made.configBlob) {
      await mkdir(join(folders.records, made.hex), { recursive: true, mode: 0o700 });
      await writeAtomic(join(folders.records, made.hex, 'config.json'), made.configBlob);
    }
    await takeName(record);
    return record;
  }

  async function drop(id: string): Promise<void> {
    // First here: a guest made while the files go must not get an image that is going.
    const record = records.get(id);
    records.delete(id);
    try {
      await eraseRecord(folders, id);
    } catch (error) {
      if (record) records.set(id, record);
      throw error;
    }
    store.onChange({ removed: id });
    if (record) for (const other of sharers(record, records.values())) announce(other);
  }

  async function takeName(record: ImageRecord): Promise<void> {
    // First the new one: a crash in between leaves two images of one name, of which the newer counts.
    await keep(record);
    for (const change of displaced(record, [...records.values()], usersOf)) {
      if ('erase' in change) await drop(change.erase);
      else await keep(change.keep);
    }
  }

  const store: ImageStore = {
    onChange: () => {},
    doctor: async () => unreadable.map(unreadableFinding),

    async load() {
      for (const folder of [paths.images, ...Object.values(folders), paths.cache]) await privateFolder(folder);
      records.clear();
      const found = await readRecords(folders, log);
      for (const record of found.records) records.set(record.id, record);
      unreadable = found.unreadable;
      for (const diffId of new Set(found.records.flatMap((record) => record.layers)))
        layerBytes.set(diffId, (await layers.read(diffId).catch(() => null))?.sizeBytes ?? 0);
      await sweepWork({ folders, inside, log });
      await sweepPartials(folders.partials, turns);
      await collect().catch((error) => log.warn('image store could not be swept', { error }));
    },

    list: () => [...records.values()].map((record) => shown(record)),

    get(ref) {
      const record = records.get(ref) ?? findImage([...records.values()].reverse(), ref);
      return shown(record, tagged(ref));
    },

    build: (builder, operation) =>
      inWorkshop(`building ${builder}`, operation, async (workshop) => {
        const { buildImage } = await import('./builders/build.ts');
        return shown(await admit(await buildImage(builder, workshop)));
      }),

    async import(path, name, operation) {
      const wished = name === undefined ? null : fullName(name);
      return inWorkshop(`importing ${path}`, operation, async (workshop) => {
        const { importFile } = await import('./import/import.ts');
        return shown(await admit(await importFile(path, wished, workshop)));
      });
    },

    ...createConverting(inside),
    ...createReading({ byId, layers, folders }),
    ...createCataloguing({
      home: paths.home,
      partials: folders.partials,
      turns,
      records,
      inWorkshop,
      admit,
      shown,
      keep: takeName,
    }),

    async pull(text, options, operation) {
      const { defaultRegistry, parseReference, placesOf, pullImage } = await import('./registry/index.ts');
      const reference = parseReference(text, await defaultRegistry(paths.home, options.registry));
      return inWorkshop(`pulling ${reference.name}`, operation, async (workshop) => {
        void import('./unpack/thread.ts').then(({ warm }) => warm());
        const made = await pullImage(await placesOf(paths.home, reference), options, {
          ...workshop,
          partials: folders.partials,
          turns,
        });
        return shown(await admit(made));
      });
    },

    async tag(ref, name) {
      const wished = fullName(name);
      const record = byId(store.get(ref).id);
      if (!record.names.includes(wished)) await takeName({ ...record, names: [...record.names, wished] });
      return shown(byId(record.id), wished);
    },

    async save(refs, path, format, operation) {
      const wanted = refs.map((ref) => {
        const record = byId(store.get(ref).id);
        const named = record.names.filter((name) => name === tagged(ref));
        // A name with a digest says what it is already.
        return { record, names: (named.length > 0 ? named : record.names).filter((name) => !name.includes('@')) };
      });
      return inWorkshop(`saving ${path}`, operation, async (workshop) => {
        const { saveImages } = await import('./save/save.ts');
        const { sizeBytes } = await saveImages(wanted, path, format, { ...workshop, folders });
        return { path, sizeBytes };
      });
    },

    commit: (imageId, commit, operation) =>
      inWorkshop(`committing ${commit.guest}`, operation, async (workshop) => {
        const { commitImage } = await import('./commit.ts');
        return shown(await admit(await commitImage(byId(imageId), commit, workshop, folders)), commit.name);
      }),

    buildContainer: (wish, operation) =>
      inWorkshop(`building ${wish.name}`, operation, async (workshop) => {
        const { buildContainerfile } = await import('./containerfile/build.ts');
        const { nameServer } = house.view({ ...BUILDER, guestId: '0'.repeat(12) });
        const base = async (name: string) => {
          const found = findOrNull([...records.values()].reverse(), name);
          return found ?? byId((await store.pull(name, { insecure: false }, operation)).id);
        };
        const prefix = house.enter({ network: true });
        return shown(await admit(await buildContainerfile(wish, { ...workshop, folders, prefix, nameServer, base })));
      }),

    async diskUse() {
      const { measureStore } = await import('./disk-use.ts');
      return measureStore({ paths, folders, inside });
    },

    async prune(dryRun, what = 'unused') {
      const { planPrune } = await import('./prune.ts');
      const plan = await planPrune({
        records: [...records.values()],
        usersOf,
        folders,
        layers,
        inside,
        turns,
        ...{ what, cache: making > 0 ? null : paths.cache },
      });
      const { removed, freedBytes } = plan;
      if (dryRun) return { removed, freedBytes };
      // A guest may have been made of one of them since.
      for (const { id } of plan.images) if (records.has(id) && usersOf(id).length === 0) await drop(id);
      for (const path of plan.partials) await rm(path, { force: true });
      for (const tree of plan.trees) await inside.removeTree(tree);
      await privateFolder(folders.builds);
      await collect();
      return { removed, freedBytes };
    },

    async remove(ref) {
      const { id, names, ...rest } = byId(store.get(ref).id);
      const others = names.filter((name) => name !== tagged(ref));
      // A name of several goes alone; the content, and who uses it, stays under the others.
      if (others.length > 0 && others.length < names.length) return keep({ ...rest, id, names: others });
      const usedBy = usersOf(id);
      if (usedBy.length > 0)
        throw new GuesthouseError({
          code: 'conflict',
          message: `The image ${names[0]} is used by ${usedBy.join(', ')}.`,
          subject: names[0] as string,
          hint: freeing(usedBy),
        });
      await drop(id);
      await collect();
    },

    async machine(imageId, operation, { diskGib = null } = {}) {
      const record = byId(imageId);
      const prepared = await machines.prepare(record, diskGib, operation, (make) =>
        inWorkshop(`making a disk of ${record.names[0]}`, operation, make),
      );
      if (prepared.sizeBytes !== record.sizeBytes && records.has(record.id))
        await keep({ ...byId(imageId), sizeBytes: prepared.sizeBytes });
      return prepared.machine;
    },

    rescueBoot: (operation) => machines.rescue(operation),

    setUsers(next) {
      const before = users;
      users = next;
      for (const record of records.values())
        if ((before.get(record.id) ?? []).join() !== usersOf(record.id).join()) announce(record);
    },
  };
  return store;
}
