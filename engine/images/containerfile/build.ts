/** An image from a Containerfile: base images out of our store into buildah's, its steps, and the result into ours. */
import { constants } from 'node:fs';
import { access, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { ContainerBuild } from '../../contract/image.ts';
import { exists, readJson, writeAtomic } from '../../host/files.ts';
import { isSpaceError } from '../../host/space.ts';
import { findProgram, missingTool } from '../../host/tools.ts';
import { importArchive } from '../import/archive.ts';
import type { MadeImage, Workshop } from '../made.ts';
import { fullName } from '../names.ts';
import { type Folders, type ImageRecord, idHex } from '../records.ts';
import { saveImages } from '../save/save.ts';
import { baseImages } from './bases.ts';
import { type BuildahPlace, buildWords, idFile, parseStep, policyFile, registriesFile, runBuildah } from './buildah.ts';

export interface BuildShop extends Workshop {
  readonly folders: Folders;
  /** Words that lead into the house, with its network. */
  readonly prefix: readonly string[];
  /** Who answers for names in there. */
  readonly nameServer: string;
  /** An image by the name a Containerfile gives it; fetched where it is not there. */
  base(name: string): Promise<ImageRecord>;
}

const lentFile = (folder: string): string => join(folder, 'lent.json');
const MAX_CONTAINERFILE_BYTES = 1024 * 1024;
/** Builds of this home at work: what is left of others is cleared only when there are none. */
const atWork = new Map<string, number>();

/** Whether a build needs what is kept of earlier ones. */
export const isBuilding = (folder: string): boolean => (atWork.get(folder) ?? 0) > 0;

export async function buildContainerfile(wish: ContainerBuild, shop: BuildShop): Promise<MadeImage> {
  if (findProgram('buildah') === null) throw missingTool('buildah');
  const name = fullName(wish.name);
  const { context, containerfile } = await sourcesOf(wish);
  const text = await readText(containerfile);
  const { operation, work, folders } = shop;
  const place: BuildahPlace = { prefix: shop.prefix, folder: folders.builds, work };
  await makePlace(folders.builds);
  const others = atWork.get(folders.builds) ?? 0;
  atWork.set(folders.builds, others + 1);
  try {
    if (others === 0) await clearLeft(place, operation.signal);
    const bases = new Map<string, string>();
    for (const [image, ways] of baseImages(text, wish.buildArgs)) {
      const stored = await lend(image, place, shop);
      // buildah looks for the name as it is written in some places, and with its arguments filled in in others.
      for (const written of ways) bases.set(written, stored);
    }
    const words = buildWords(place, {
      containerfile,
      context,
      buildArgs: wish.buildArgs ?? {},
      target: wish.target ?? null,
      noCache: wish.noCache ?? false,
      bases,
      nameServer: shop.nameServer,
    });
    await steps(place, words, name, shop);
    const id = (await readFile(idFile(work), 'utf8')).trim();
    const archive = join(work, 'built.tar');
    operation.progress({ step: 'Taking the image over', fraction: null });
    const push = ['push', '--quiet', '--disable-compression', '--signature-policy', policyFile(folders.builds)];
    await runBuildah(place, [...push, id, `docker-archive:${archive}`], operation);
    const made = await importArchive(archive, basename(containerfile), name, shop, await lentLayers(folders.builds));
    return { ...made, origin: `built from ${basename(containerfile)}` };
  } finally {
    atWork.set(folders.builds, (atWork.get(folders.builds) ?? 1) - 1);
  }
}

/** The base image in buildah's own storage; its name there. */
async function lend(written: string, place: BuildahPlace, shop: BuildShop): Promise<string> {
  const { operation, work, folders } = shop;
  const record = await shop.base(written);
  const stored = `localhost/guesthouse-base:${idHex(record.id).slice(0, 32)}`;
  const there = await runBuildah(place, ['images', '--quiet', '--filter', `reference=${stored}`], {
    signal: operation.signal,
    okCodes: [0, 125],
  });
  if (there.code === 0 && there.stdout.trim() !== '') return stored;
  operation.log?.(`${written} is ${record.names[0]} of the image store.`);
  const archive = join(work, 'base.tar');
  const saved = await saveImages([{ record, names: [stored] }], archive, 'docker', { ...shop, folders });
  const lent = await lentLayers(folders.builds);
  for (const [own, packed] of saved.layers) lent.set(packed, own);
  await writeAtomic(lentFile(folders.builds), JSON.stringify([...lent]));
  const pull = ['pull', '--quiet', '--signature-policy', policyFile(place.folder)];
  await runBuildah(place, [...pull, `docker-archive:${archive}`], operation);
  await rm(archive, { force: true });
  return stored;
}

/** Layers of ours that buildah has, by the diff id they have there: in what was built they are ours again. */
async function lentLayers(folder: string): Promise<Map<string, string>> {
  return new Map(await readJson<[string, string][]>(lentFile(folder)).catch(() => []));
}

async function steps(place: BuildahPlace, words: readonly string[], name: string, { operation }: BuildShop) {
  let failure = '';
  const onLine = (line: string) => {
    operation.log?.(line);
    const at = parseStep(line);
    if (at) operation.progress({ step: `Step ${at.step} of ${at.of}: ${at.words}`, fraction: (at.step - 1) / at.of });
    if (/^Error: /.test(line)) failure = line.slice('Error: '.length);
  };
  await runBuildah(place, words, { signal: operation.signal, onLine }).catch((error) => {
    if (!(error instanceof GuesthouseError) || error.code !== 'internal' || isSpaceError(error)) throw error;
    throw new GuesthouseError({
      code: 'guest-failed',
      message: `The build of ${name} failed.`,
      subject: name,
      cause: (failure || (error.cause ?? '')).slice(0, 1000),
      hint: 'The log of the build shows what its steps wrote.',
    });
  });
}

/** No registry, no signatures: images come out of our store, where they were verified. */
async function makePlace(folder: string): Promise<void> {
  for (const name of ['', 'run', 'home']) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  await writeFile(policyFile(folder), '{"default":[{"type":"insecureAcceptAnything"}]}\n', { mode: 0o600 });
  await writeFile(registriesFile(folder), 'unqualified-search-registries = []\n', { mode: 0o600 });
}

/** Containers of builds that were cancelled or killed. */
async function clearLeft(place: BuildahPlace, signal: AbortSignal): Promise<void> {
  if (!(await exists(join(place.folder, 'storage', 'overlay-containers', 'containers.json')))) return;
  await runBuildah(place, ['rm', '--all'], { signal, okCodes: [0, 1, 125] });
}

async function sourcesOf(wish: ContainerBuild): Promise<{ context: string; containerfile: string }> {
  const { context } = wish;
  for (const path of [context, wish.containerfile])
    if (path !== undefined && !path.startsWith('/'))
      throw new GuesthouseError({ code: 'invalid', message: `${path} is not an absolute path.`, subject: path });
  const folder = await stat(context).catch(() => null);
  if (!folder?.isDirectory())
    throw new GuesthouseError({
      code: folder ? 'invalid' : 'not-found',
      message: folder ? `${context} is not a folder.` : `There is no folder ${context}.`,
      subject: context,
      hint: 'Give the folder whose files the build may use.',
    });
  const candidates = wish.containerfile === undefined ? ['Containerfile', 'Dockerfile'] : [wish.containerfile];
  for (const one of candidates) {
    const path = one.startsWith('/') ? one : join(context, one);
    if (await exists(path)) return { context, containerfile: path };
  }
  throw new GuesthouseError({
    code: 'not-found',
    message:
      wish.containerfile === undefined
        ? `There is neither a Containerfile nor a Dockerfile in ${context}.`
        : `There is no file ${wish.containerfile}.`,
    subject: wish.containerfile ?? context,
  });
}

async function readText(path: string): Promise<string> {
  await access(path, constants.R_OK).catch(() => {
    throw new GuesthouseError({ code: 'denied', message: `${path} cannot be read by you.`, subject: path });
  });
  // A pipe or a device would keep us waiting.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const info = await file.stat();
    if (!info.isFile() || info.size > MAX_CONTAINERFILE_BYTES)
      throw new GuesthouseError({ code: 'invalid', message: `${path} is not a Containerfile.`, subject: path });
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
