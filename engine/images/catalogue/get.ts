/** An image of the catalogue: what its maker says its checksum is, then the image itself, then the store. */
import { link, rm, stat, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { isSpaceError, requireSpace } from '../../host/space.ts';
import { algorithmOf, hexLike, wrongDigest } from '../digests.ts';
import { isLoopback } from '../fetch/loopback.ts';
import { createMirror, type Mirror } from '../fetch/mirror.ts';
import { download, partialPath } from '../fetch/partial.ts';
import { RETRY_POLICY, type RetryPolicy } from '../fetch/retry.ts';
import type { Turns } from '../fetch/turns.ts';
import { importOwn } from '../import/import.ts';
import type { MadeImage, Workshop } from '../made.ts';
import { findSum, parseSums } from './checksums.ts';
import type { DocumentImage } from './document.ts';
import { type KnownVendor, mirrorUrl } from './read.ts';
import { judge, signedText, type Verdict } from './signature.ts';

/** An archive's Release lists every file of it. */
const MAX_SUMS_BYTES = 8 * 1024 ** 2;
const MAX_SIGNATURE_BYTES = 256 * 1024;
const ARCHITECTURES = { x86_64: 'amd64', aarch64: 'arm64', riscv64: 'riscv64' } as const;

export interface GetShop extends Workshop {
  readonly home: string;
  /** Folder of files on their way. */
  readonly partials: string;
  readonly turns: Turns;
  readonly policy?: RetryPolicy;
  /** The image that was fetched with this checksum and is still here. */
  known(hex: string): string | null;
}

/** `known`: the id of an image that is here already, and is the same; `origin`: what is known of it now. */
export type Got = { readonly made: MadeImage } | { readonly known: string; readonly origin: string | null };

/** The vendor's mirrors are asked in order; the last one's failure is thrown. */
export async function getImage(image: DocumentImage, vendor: KnownVendor, shop: GetShop): Promise<Got> {
  const mirrors = vendor.mirrors.map((one) => mirrorUrl(one, 'mirror'));
  for (const base of mirrors.slice(0, -1)) {
    try {
      return await getFrom(base, image, vendor, shop);
    } catch (error) {
      if (shop.operation.signal.aborted || isSpaceError(error)) throw error;
      shop.operation.log?.(`${base.host} did not do: ${(error as Error).message}`);
    }
  }
  const last = mirrors.at(-1);
  if (last) return getFrom(last, image, vendor, shop);
  throw new GuesthouseError({
    code: 'unsupported',
    message: `Nothing says where ${vendor.title} is to be fetched from.`,
    subject: image.name,
    hint: `Name a mirror: \`guesthouse image mirror ${vendor.name} ADDRESS\`. It is the folder in which ${image.sums[0]} lies.`,
  });
}

async function getFrom(base: URL, image: DocumentImage, vendor: KnownVendor, shop: GetShop): Promise<Got> {
  const { operation, turns, policy = RETRY_POLICY } = shop;
  const { name } = image;
  const mirror = createMirror({ name, policy });
  try {
    operation.progress({ step: `Asking ${base.host} for ${name}`, fraction: null });
    const { hex, path, verdict } = await vouched(base, image, vendor, mirror, shop);
    const mayBeOpen = base.protocol === 'https:' || isLoopback(base.host);
    const signedLater = image.signature !== undefined && image.signature !== 'clear' && image.signature.of === 'image';
    if (!mayBeOpen && !verdict.good && !signedLater) throw unvouched(base, image, verdict.why);
    // A signature that was not checked then may have been now.
    const origin = verdict.good ? originOf(base, hex, verdict) : null;
    const known = shop.known(hex);
    if (known !== null) return { known, origin };
    return await turns.take(hex, operation.signal, async () => {
      const there = shop.known(hex);
      if (there !== null) return { known: there, origin };
      const url = at(base, path);
      const file = await fetched(url, hex, name, mirror, shop);
      const seal = signedLater ? await sealOf(base, image, vendor, file, path, mirror, shop) : verdict;
      if (!mayBeOpen && !seal.good) throw unvouched(base, image, seal.why);
      return { made: await taken(file, url, hex, image, seal, shop) };
    });
  } finally {
    mirror.close();
  }
}

const at = (base: URL, path: string): URL =>
  new URL(path.split('/').map(encodeURIComponent).join('/'), base.href.endsWith('/') ? base : `${base.href}/`);

/** The checksum of the image by the chain of files that say so, and who vouches for the first of them. */
async function vouched(
  base: URL,
  image: DocumentImage,
  vendor: KnownVendor,
  mirror: Mirror,
  shop: GetShop,
): Promise<{ hex: string; path: string; verdict: Verdict }> {
  const { operation, work, home } = shop;
  const { name, sums, signature } = image;
  const { signal } = operation;
  let verdict: Verdict = { good: false, why: `${vendor.title} signs none` };
  let expected: { hex: string; path: string } | null = null;
  for (const [place, path] of sums.entries()) {
    const bytes = await mirror.read(at(base, path), MAX_SUMS_BYTES, signal);
    if (expected && hexLike(expected.hex, bytes) !== expected.hex)
      throw wrongDigest('list of checksums', expected.hex, hexLike(expected.hex, bytes), name);
    let text = bytes.toString('utf8');
    if (place === 0 && signature !== undefined) {
      const isClear = signature === 'clear';
      if (isClear) text = signedText(text) ?? refuse(name, `${path} is not one signed text`);
      if (isClear || signature.of === 'sums') {
        const file = join(work, 'sums');
        await writeFile(file, bytes, { mode: 0o600 });
        const seal = isClear
          ? null
          : await mirror.read(at(base, signature.path ?? `${path}.sign`), MAX_SIGNATURE_BYTES, signal);
        verdict = await judge({ name, vendor, path: file, signature: seal, home, work, signal });
      }
    }
    const wanted: string = sums[place + 1] ?? image.path;
    expected = findSum(parseSums(text), path, wanted);
    if (!expected) refuse(name, `${path} does not say one checksum of ${posix.basename(wanted)}`, text);
  }
  return { ...(expected as { hex: string; path: string }), verdict };
}

/** The file of the image, whole and right. */
async function fetched(url: URL, hex: string, name: string, mirror: Mirror, shop: GetShop): Promise<string> {
  const { operation, partials } = shop;
  const path = partialPath(partials, hex);
  const before = await stat(path).catch(() => null);
  const sizeBytes = await mirror.measure(url, operation.signal);
  await requireSpace(partials, Math.max(0, sizeBytes - (before?.size ?? 0)), `fetching ${name}`);
  const attempt = async () => {
    let bytesDone = 0;
    const growing = await download({
      folder: partials,
      blob: { hex, sizeBytes },
      what: 'file',
      name,
      policy: shop.policy ?? RETRY_POLICY,
      signal: operation.signal,
      openAt: (from, etag) => mirror.open(url, sizeBytes, from, etag, operation.signal),
      onBytes(count) {
        bytesDone += count;
        operation.progress({
          step: `Fetching from ${url.host}`,
          fraction: bytesDone / sizeBytes,
          bytesDone,
          bytesTotal: sizeBytes,
        });
      },
    });
    await growing.done.finally(() => growing.close());
  };
  try {
    await attempt();
  } catch (error) {
    const isDamaged = error instanceof GuesthouseError && error.code === 'bad-data';
    // What an earlier try left may have been damaged since, or be of another file of that size.
    if (!isDamaged || !before || before.size === 0) throw error;
    await rm(path, { force: true });
    await attempt();
  }
  return path;
}

async function sealOf(
  base: URL,
  { name, signature }: DocumentImage,
  vendor: KnownVendor,
  file: string,
  path: string,
  mirror: Mirror,
  { operation, work, home }: GetShop,
): Promise<Verdict> {
  const { signal } = operation;
  const said = typeof signature === 'object' ? signature.path : undefined;
  operation.progress({ step: 'Checking its signature', fraction: null });
  const seal = await mirror.read(at(base, said ?? `${path}.sig`), MAX_SIGNATURE_BYTES, signal);
  return judge({ name, vendor, path: file, signature: seal, home, work, signal });
}

/** Into the store, as a file of a person's would come. */
async function taken(
  file: string,
  url: URL,
  hex: string,
  image: DocumentImage,
  seal: Verdict,
  shop: GetShop,
): Promise<MadeImage> {
  const { name, kind, architecture } = image;
  const own = join(shop.work, 'fetched');
  // What goes wrong now is no reason to fetch it again.
  await link(file, own);
  const made = await importOwn(own, posix.basename(decodeURI(url.pathname)), `${name}:latest`, shop);
  await rm(file, { force: true });
  const wanted = kind === 'cloud' ? 'disk' : 'iso';
  if (made.kind !== wanted) refuse(name, `it is ${made.kind === 'iso' ? 'a medium' : `a ${made.kind}`}`);
  return { ...made, origin: originOf(url, hex, seal), architecture: ARCHITECTURES[architecture], fetched: hex };
}

function originOf({ host }: URL, hex: string, seal: Verdict): string {
  const checked = algorithmOf(hex) === 'sha512' ? 'SHA-512' : 'SHA-256';
  const signed = seal.good ? `signed by ${seal.fingerprint.slice(-16)}` : `its signature was not checked: ${seal.why}`;
  return `fetched from ${host}, ${checked} right, ${signed}`;
}

/** `text`: what was read instead. */
function refuse(name: string, why: string, text?: string): never {
  const start = text?.trimStart().slice(0, 60).replace(/\s+/g, ' ');
  throw new GuesthouseError({
    code: 'bad-data',
    message: `${name} cannot be had from this mirror: ${why}.`,
    subject: name,
    ...(start === undefined ? {} : { cause: `It begins with ${JSON.stringify(start)}.` }),
    hint: 'Choose another mirror, or check its address.',
  });
}

function unvouched(base: URL, { name }: DocumentImage, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'denied',
    message: `Nobody vouches for what ${base.host} says ${name} is.`,
    subject: name,
    cause: `The mirror is not encrypted, and the signature cannot be checked: ${why}.`,
    hint: "Use an https mirror, or install gpgv and the vendor's keys (a folder `keys` in Guesthouse's home is looked at too).",
  });
}
