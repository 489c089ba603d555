/** One image of one registry, over the OCI distribution specification: its manifest, its configuration, its layers. */
import type { GuesthouseError } from '../../contract/errors.ts';
import { hostArchitecture } from '../config.ts';
import { contentDigest, contentHex, hexLike, wrongDigest } from '../digests.ts';
import { connectionFailure, looksLikePlainHttp, stalled } from '../fetch/failure.ts';
import { isLoopback } from '../fetch/loopback.ts';
import type { BlobBody } from '../fetch/partial.ts';
import { type RetryPolicy, withRetries } from '../fetch/retry.ts';
import { type Answer, createWire, type Request, readWhole, Stalled } from '../fetch/wire.ts';
import { createAuthority, spoken } from './authority.ts';
import type { Found } from './credentials.ts';
import { type Asked, refusedImage, statusFailure } from './failure.ts';
import {
  ACCEPT,
  type Blob,
  type Document,
  type IndexEntry,
  MAX_MANIFEST_BYTES,
  type Manifest,
  parseManifest,
  selectPlatform,
} from './manifest.ts';
import { isTag, type Reference } from './reference.ts';

export interface Registry {
  /** The manifest for this host, through an index where there is one. Every byte of it is verified. */
  manifest(signal: AbortSignal): Promise<Manifest>;
  /** A small blob whole, verified. */
  read(blob: Blob, signal: AbortSignal): Promise<Buffer>;
  /** Not verified, not repeated. Throws `Transient` where trying again may help. */
  open(blob: Blob, from: number, etag: string | null, signal: AbortSignal): Promise<BlobBody>;
  /** Tags of the repository, as many as are told at once; what cannot be one is left out. Asked once. */
  tags(signal: AbortSignal): Promise<string[]>;
  close(): void;
}

const MAX_TAGS = 1000;
const MAX_TAGS_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 5;
/** Indexes of one image: within one another, and altogether. */
const MAX_INDEX_DEPTH = 4;
const MAX_INDEXES = 16;
/** Without credentials, with them, and once more with a token that is not stale. */
const MAX_ROUNDS = 3;

export function createRegistry(options: {
  reference: Reference;
  found: Found;
  /** Certificates are not looked at, and http is spoken where https is not. */
  insecure: boolean;
  policy: RetryPolicy;
}): Registry {
  const { reference, found, insecure, policy } = options;
  const { apiHost, repository, name } = reference;
  const wire = createWire({ insecure, stallMs: policy.stallMs });
  const asked: Asked = { host: reference.host, name, what: 'image', user: null, notes: [] };
  const authority = createAuthority({ asked, repository, found, insecure, send, whole });
  /** Known after the first answer. */
  let scheme: 'https' | 'http' | null = null;

  async function send(url: URL, request: Request): Promise<Answer> {
    try {
      return await wire.send(url, request);
    } catch (error) {
      throw told(error, request.signal, url.host);
    }
  }

  async function whole(answer: Answer, maxBytes: number, what: string, signal: AbortSignal): Promise<Buffer> {
    return readWhole(answer, maxBytes, what).catch((error) => {
      throw told(error, signal);
    });
  }

  const told = (error: unknown, signal: AbortSignal, host = apiHost): unknown => {
    if (signal.aborted) return signal.reason;
    return error instanceof Stalled
      ? stalled({ host, name }, policy.stallMs)
      : connectionFailure(error, { host, name });
  };

  /** The first request finds out how the registry is spoken to. */
  async function sendHome(path: string, request: Request): Promise<Answer> {
    if (scheme) return send(new URL(path, `${scheme}://${apiHost}`), request);
    try {
      const answer = await wire.send(new URL(path, `https://${apiHost}`), request);
      scheme = 'https';
      return answer;
    } catch (error) {
      const isClosed = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' && !/:\d+$/.test(apiHost);
      const mayBeOpen = insecure || isLoopback(apiHost);
      if (!mayBeOpen || !(looksLikePlainHttp(error) || isClosed)) throw told(error, request.signal);
    }
    const answer = await send(new URL(path, `http://${apiHost}`), request);
    scheme = 'http';
    return answer;
  }

  /** An answer of success, or a failure. */
  async function ask(
    path: string,
    what: Asked['what'],
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Answer> {
    for (let round = 1; ; round++) {
      const authorization = authority.header();
      const sent = { ...headers, ...(authorization === null ? {} : { authorization }) };
      const first = await sendHome(path, { headers: sent, signal });
      const answer = await followed(first, headers, sent, signal);
      if (answer.status === 200 || answer.status === 206) return answer;
      const said = await readWhole(answer, 64 * 1024, 'answer').catch(() => Buffer.alloc(0));
      signal.throwIfAborted();
      const isOurs = answer.url.origin === first.url.origin;
      if (answer.status === 401 && isOurs && round < MAX_ROUNDS)
        if (await authority.answer(answer.headers['www-authenticate'], authorization, signal)) continue;
      const { user, notes } = authority;
      throw statusFailure(answer.status, answer.headers, spoken(said), { ...asked, what, user, notes });
    }
  }

  /** Credentials stay where they were given: another host, port or scheme is told nothing. */
  async function followed(
    first: Answer,
    plain: Record<string, string>,
    sent: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Answer> {
    let answer = first;
    for (let hop = 0; [301, 302, 303, 307, 308].includes(answer.status); hop++) {
      const { location = '' } = answer.headers;
      answer.body.destroy();
      if (hop === MAX_REDIRECTS) throw astray('it sends from place to place');
      if (!URL.canParse(location, answer.url.href)) throw astray('it sends to nowhere');
      const next = new URL(location, answer.url);
      const mayBeOpen = insecure || (first.url.protocol === 'http:' && isLoopback(next.host));
      if (next.protocol !== 'https:' && !(next.protocol === 'http:' && mayBeOpen))
        throw astray(
          `it sends to ${JSON.stringify(`${next.protocol}//${next.host}`.slice(0, 80))}, which is not encrypted`,
        );
      next.username = '';
      next.password = '';
      answer = await send(next, { headers: next.origin === first.url.origin ? sent : plain, signal });
    }
    return answer;
  }

  const astray = (why: string): GuesthouseError => refusedImage(name, `of ${reference.host}, ${why}`);

  async function document(
    ref: string,
    signal: AbortSignal,
  ): Promise<{ bytes: Buffer; type: string | undefined; said: unknown }> {
    return withRetries(policy, signal, async () => {
      const answer = await ask(`/v2/${repository}/manifests/${ref}`, 'image', { accept: ACCEPT }, signal);
      const bytes = await whole(answer, MAX_MANIFEST_BYTES, 'manifest', signal);
      return { bytes, type: answer.headers['content-type'], said: answer.headers['docker-content-digest'] };
    });
  }

  async function verified(entry: Blob, signal: AbortSignal): Promise<Document> {
    const { bytes, type } = await document(contentDigest(entry.hex), signal);
    verify(bytes, entry, 'manifest');
    return parseManifest(bytes, type, name);
  }

  /** All manifests of an index, also those of indexes within it. Each index is asked for once, and so deep only. */
  async function flattened(index: readonly IndexEntry[], signal: AbortSignal): Promise<IndexEntry[]> {
    const found: IndexEntry[] = [];
    const seen = new Set<string>();
    let level = index;
    for (let depth = 0; depth < MAX_INDEX_DEPTH && level.length > 0; depth++) {
      found.push(...level.filter(({ isIndex }) => !isIndex));
      const inner = level.filter(({ isIndex, hex }) => isIndex && !seen.has(hex));
      const next: IndexEntry[] = [];
      for (const entry of inner) {
        if (seen.size >= MAX_INDEXES) throw refusedImage(name, 'its indexes lead to too many others');
        seen.add(entry.hex);
        const document = await verified(entry, signal);
        if ('manifest' in document) throw refusedImage(name, 'its index calls a manifest an index');
        next.push(...document.index);
      }
      level = next;
    }
    if (level.length > 0) throw refusedImage(name, 'its indexes are nested too deeply');
    return found;
  }

  return {
    async manifest(signal) {
      const ref = reference.digest === null ? (reference.tag as string) : contentDigest(reference.digest);
      const { bytes, type, said } = await document(ref, signal);
      const promised = reference.digest ?? (typeof said === 'string' ? contentHex(said) : null);
      if (promised !== null && promised !== hexLike(promised, bytes))
        throw wrongDigest('manifest', promised, hexLike(promised, bytes), name);
      const top = parseManifest(bytes, type, name);
      if ('manifest' in top) return top.manifest;
      const chosen = selectPlatform(await flattened(top.index, signal), hostArchitecture(), name);
      const inner = await verified(chosen, signal);
      if ('manifest' in inner) return inner.manifest;
      throw refusedImage(name, 'its index calls an index a manifest');
    },

    async read(blob, signal) {
      return withRetries(policy, signal, async () => {
        const path = `/v2/${repository}/blobs/${contentDigest(blob.hex)}`;
        const answer = await ask(path, 'configuration', {}, signal);
        const bytes = await whole(answer, blob.sizeBytes, 'configuration', signal);
        verify(bytes, blob, 'configuration');
        return bytes;
      });
    },

    async open(blob, from, etag, signal) {
      const range: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` };
      if (from > 0 && etag !== null) range['if-range'] = etag;
      const answer = await ask(`/v2/${repository}/blobs/${contentDigest(blob.hex)}`, 'layer', range, signal);
      const startsAt = answer.status === 206 ? from : 0;
      const length = answer.headers['content-length'];
      const part = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '');
      const isOther =
        (answer.status === 206 && (from === 0 || !part || Number(part[1]) !== from)) ||
        (part && part[2] !== '*' && Number(part[2]) !== blob.sizeBytes) ||
        (length !== undefined && Number(length) !== blob.sizeBytes - startsAt);
      if (isOther) {
        answer.body.destroy();
        throw refusedImage(name, 'a layer has another size than its manifest says');
      }
      const tag = answer.headers.etag;
      return { bytes: readable(answer, signal), startsAt, etag: tag?.startsWith('"') ? tag : null };
    },

    async tags(signal) {
      const answer = await ask(`/v2/${repository}/tags/list?n=${MAX_TAGS}`, 'image', {}, signal);
      return parseTags(await whole(answer, MAX_TAGS_BYTES, 'list of tags', signal), name);
    },

    close: () => wire.close(),
  };

  async function* readable({ body }: Answer, signal: AbortSignal): AsyncGenerator<Buffer> {
    try {
      yield* body as AsyncIterable<Buffer>;
    } catch (error) {
      throw told(error, signal);
    }
  }

  function verify(bytes: Buffer, { hex, sizeBytes }: Blob, what: string): void {
    if (bytes.length !== sizeBytes) throw refusedImage(name, `its ${what} has another size than said`);
    const found = hexLike(hex, bytes);
    if (found !== hex) throw wrongDigest(what, hex, found, name);
  }
}

/** Of the answer to `tags/list`. Throws `bad-data`. */
function parseTags(bytes: Buffer, name: string): string[] {
  let said: unknown;
  try {
    said = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refusedImage(name, 'the list of its tags is no JSON');
  }
  const { tags } = (said ?? {}) as { tags?: unknown };
  if (tags === null) return [];
  if (!Array.isArray(tags)) throw refusedImage(name, 'the list of its tags is none');
  return tags.filter((tag): tag is string => typeof tag === 'string' && isTag(tag));
}
