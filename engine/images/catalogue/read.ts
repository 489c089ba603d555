/**
 * The catalogue of this home: ours, a person's own (`<home>/catalogue.json`), and those that one or $GUESTHOUSE_CATALOGUE
 * names. Who comes first keeps a name: what comes from elsewhere cannot stand for one of ours.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogueVendor } from '../../contract/catalogue.ts';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import { writeAtomic } from '../../host/files.ts';
import { hostSourcesOf } from '../builders/apt-files.ts';
import { createMirror } from '../fetch/mirror.ts';
import { RETRY_POLICY } from '../fetch/retry.ts';
import { type CatalogueDocument, type DocumentImage, type DocumentVendor, parseDocument } from './document.ts';

const OURS = new URL('../../../assets/catalogue/catalogue.json', import.meta.url);
const MAX_DOCUMENT_BYTES = 4 * 1024 ** 2;
/** A catalogue at an address is looked at while a person waits (ms). */
const READ_TIMEOUT_MS = 10_000;

export interface KnownVendor extends DocumentVendor, Pick<CatalogueVendor, 'name' | 'mirrors' | 'chosenBy'> {}

export interface KnownCatalogue {
  readonly images: readonly DocumentImage[];
  readonly vendors: ReadonlyMap<string, KnownVendor>;
  readonly notes: readonly string[];
}

const ownPath = (home: string): string => join(home, 'catalogue.json');

/** What cannot be read becomes a note, but for a person's own file: throws `bad-data`. */
export async function readCatalogue(
  home: string,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<KnownCatalogue> {
  const own = await readOwn(home);
  const notes: string[] = [];
  const documents: { document: CatalogueDocument; at: string }[] = [
    ...(own ? [{ document: own, at: ownPath(home) }] : []),
    { document: parseDocument(await readFile(OURS, 'utf8'), OURS.pathname), at: OURS.href },
  ];
  for (const place of new Set([
    ...(own?.from ?? []),
    ...(env.GUESTHOUSE_CATALOGUE ? [env.GUESTHOUSE_CATALOGUE] : []),
  ])) {
    try {
      documents.push({ document: await readFrom(place, signal), at: place });
    } catch (error) {
      signal.throwIfAborted();
      const { message, cause } = toErrorShape(error);
      notes.push(`The catalogue ${place} is left out: ${message}${cause ? ` ${cause}` : ''}`);
    }
  }
  const vendors = new Map<string, KnownVendor>();
  const images = new Map<string, DocumentImage>();
  for (const { document, at } of documents) {
    for (const [name, vendor] of Object.entries(document.vendors))
      if (!vendors.has(name)) vendors.set(name, { ...vendor, name, ...(await mirrorsOf(name, vendor, at, own)) });
    for (const image of document.images) {
      if (images.has(image.name)) notes.push(`${image.name} of ${at} is left out: there is one of that name already.`);
      else images.set(image.name, image);
    }
  }
  for (const { name, vendor } of images.values())
    if (!vendors.has(vendor)) {
      notes.push(`${name} is left out: nothing says who ${vendor} is.`);
      images.delete(name);
    }
  return { images: [...images.values()], vendors, notes };
}

/** Writes where a vendor's files are into the person's own catalogue; null: forgets it. Throws `invalid`. */
export async function setMirror(home: string, vendor: string, address: string | null): Promise<void> {
  if (address !== null) mirrorUrl(address, 'mirror');
  const own = (await readOwn(home)) ?? parseDocument('{"version": 1}', 'catalogue.json');
  const { [vendor]: _, ...others } = own.mirrors;
  const mirrors = address === null ? others : { ...others, [vendor]: address };
  await writeAtomic(ownPath(home), `${JSON.stringify({ ...own, mirrors }, null, 2)}\n`);
}

async function readOwn(home: string): Promise<CatalogueDocument | null> {
  const path = ownPath(home);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : parseDocument(text, path);
}

async function readFrom(place: string, signal: AbortSignal): Promise<CatalogueDocument> {
  if (!/^https?:/.test(place)) return parseDocument(await readFile(place, 'utf8'), place);
  const policy = { ...RETRY_POLICY, attempts: 1, stallMs: READ_TIMEOUT_MS };
  const mirror = createMirror({ name: 'the catalogue', policy });
  try {
    const url = mirrorUrl(place, 'catalogue');
    const within = AbortSignal.any([signal, AbortSignal.timeout(READ_TIMEOUT_MS)]);
    return parseDocument((await mirror.read(url, MAX_DOCUMENT_BYTES, within)).toString('utf8'), place);
  } finally {
    mirror.close();
  }
}

/** The person's choice, else what the catalogue says, else the host's own package source that has the suite. */
async function mirrorsOf(
  name: string,
  vendor: DocumentVendor,
  at: string,
  own: CatalogueDocument | null,
): Promise<Pick<CatalogueVendor, 'mirrors' | 'chosenBy'>> {
  const chosen = own?.mirrors[name];
  if (chosen) return { mirrors: [chosen].flat(), chosenBy: 'person' };
  // Relative to the catalogue's own address, which a file has none of.
  const base = /^https?:/.test(at) ? at : undefined;
  const said = [vendor.mirror ?? []].flat().filter((one) => URL.canParse(one, base));
  if (said.length > 0) return { mirrors: said.map((one) => new URL(one, base).href), chosenBy: 'catalogue' };
  const sources = vendor.apt === undefined ? [] : await hostSourcesOf(vendor.apt);
  const uris = sources.filter(({ suites }) => suites.includes(vendor.apt ?? '')).flatMap((one) => one.uris);
  const usable = uris.filter((uri) => /^https?:/.test(uri));
  return { mirrors: [...new Set(usable)], chosenBy: usable.length > 0 ? 'packages' : null };
}

/** A folder's address, ending in `/`. Throws `invalid`. */
export function mirrorUrl(address: string, subject: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url && (url.protocol === 'https:' || url.protocol === 'http:') && url.search === '' && url.hash === '')
    return url;
  throw new GuesthouseError({
    code: 'invalid',
    message: `${JSON.stringify(address.slice(0, 100))} is no address of a mirror.`,
    subject,
    hint: 'Write it like https://mirror.example/debian/.',
  });
}
