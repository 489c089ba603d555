/**
 * A blob on its way: a file named by its digest, so that what was fetched before a cut, a cancellation or a restart is
 * not fetched again. It can be read while it grows; whoever reads it to the end knows that every byte was right.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuesthouseError } from '../../contract/errors.ts';
import { writeAll } from '../../host/files.ts';
import type { FileSource } from '../archive/file-source.ts';
import { algorithmOf, wrongDigest } from '../digests.ts';
import { crawling, cutShort } from './failure.ts';
import { type RetryPolicy, Transient, waitMs } from './retry.ts';

export interface Wanted {
  /** 64 hex digits of its sha256, or 128 of its sha512. */
  readonly hex: string;
  readonly sizeBytes: number;
}

/** A blob's bytes from somewhere on. */
export interface BlobBody {
  readonly bytes: AsyncIterable<Buffer>;
  /** What was asked for, or 0 where the server knows no ranges. */
  readonly startsAt: number;
  /** Strong entity tag, for asking for the rest of the same thing. */
  readonly etag: string | null;
}

export interface Growing {
  /** Settles when the blob is whole and right, or cannot be had. */
  readonly done: Promise<void>;
  /** The blob from its first byte, as far as it came, until it is whole. `taken`: told of bytes that were read. */
  read(taken: (count: number) => void): FileSource;
  /** After both. */
  close(): Promise<void>;
}

export interface DownloadOptions {
  readonly folder: string;
  readonly blob: Wanted;
  /** `layer`. */
  readonly what: string;
  /** The image it is of. */
  readonly name: string;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  openAt(from: number, etag: string | null): Promise<BlobBody>;
  /** Told of bytes that are there now, fetched now or before. */
  onBytes(count: number): void;
}

/** Pieces of a file as it is written and read (bytes). */
const PIECE_BYTES = 1024 * 1024;
/** On a slow line a piece is written after this long, large or not (ms). */
const PIECE_MS = 250;
/** A server that sends less than this in as long as it may be silent ten times keeps us for nothing (bytes). */
const CRAWL_BYTES = 64 * 1024;
const CRAWL_SILENCES = 10;
/** So much in one go is progress: what failed before is forgotten (bytes). */
const PROGRESS_BYTES = 256 * 1024;

export const partialPath = (folder: string, hex: string): string => join(folder, hex);

export async function download(options: DownloadOptions): Promise<Growing> {
  const { folder, blob, signal } = options;
  const path = partialPath(folder, blob.hex);
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  let have = 0;
  let wake = () => {};
  let ended = false;
  const grew = (count: number) => {
    have += count;
    options.onBytes(count);
    wake();
  };
  const done = fetchInto(file, options, grew).finally(() => {
    ended = true;
    wake();
  });
  done.catch(() => {}); // whoever waits for it hears of it
  const beyond = async (at: number): Promise<number | null> => {
    while (at >= have) {
      signal.throwIfAborted();
      if (ended) await done;
      if (at >= blob.sizeBytes) return done.then(() => null);
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (at < have || ended) resolve();
      });
    }
    signal.throwIfAborted();
    return have;
  };
  return {
    done,
    read: (taken) => ({
      fd: file.fd,
      taken,
      beyond,
      async *[Symbol.asyncIterator]() {
        for (let at = 0; (await beyond(at)) !== null; ) {
          const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, have - at));
          const { bytesRead } = await file.read(piece, 0, piece.length, at);
          at += bytesRead;
          taken(bytesRead);
          yield piece.subarray(0, bytesRead);
        }
      },
    }),
    close: () => file.close(),
  };
}

async function fetchInto(file: FileHandle, options: DownloadOptions, grew: (count: number) => void): Promise<void> {
  const { folder, blob, what, name, policy, signal } = options;
  const spoken = `A ${what} of ${name}`;
  const hash = createHash(algorithmOf(blob.hex));
  let have = await fromBefore(file, blob, hash, grew);
  let failures = 0;
  let etag: string | null = null;
  while (have < blob.sizeBytes) {
    const before = have;
    let window = { since: performance.now(), bytes: 0 };
    try {
      const body = await options.openAt(have, etag);
      etag = body.etag;
      for await (const piece of pieces(body.bytes, have - body.startsAt, blob.sizeBytes - body.startsAt, () =>
        cutShort(spoken, name),
      )) {
        hash.update(piece);
        window.bytes += piece.length;
        if (performance.now() - window.since > CRAWL_SILENCES * policy.stallMs) {
          if (window.bytes < CRAWL_BYTES) throw crawling(spoken, name);
          window = { since: performance.now(), bytes: 0 };
        }
        await writeAll(file, [piece], piece.length, have);
        have += piece.length;
        grew(piece.length);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Transient)) throw error;
      if (have >= blob.sizeBytes) break;
      failures = have - before >= PROGRESS_BYTES ? 1 : failures + 1;
      const pause = waitMs(policy, failures, error.askedMs);
      if (pause === null) throw error.failure;
      await sleep(pause, undefined, { signal });
    }
  }
  const found = hash.digest('hex');
  if (found === blob.hex) return;
  await rm(partialPath(folder, blob.hex), { force: true });
  throw wrongDigest(what, blob.hex, found, name);
}

/** What an earlier try left counts as fetched; the digest at the end judges it with the rest. */
async function fromBefore(file: FileHandle, blob: Wanted, hash: Hash, grew: (count: number) => void): Promise<number> {
  const { size } = await file.stat();
  if (size > blob.sizeBytes) {
    await file.truncate(0);
    return 0;
  }
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(PIECE_BYTES, size - at), at);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
    grew(bytesRead);
  }
  return at;
}

/**
 * Bytes `skip` to `end` in large pieces, each in the same memory as the one before: what a line brings in a thousand small
 * buffers costs most when it is kept. Whatever follows is not read. What came before a failure is passed on before the
 * failure is. Throws `Transient` when it ends early.
 */
async function* pieces(
  source: AsyncIterable<Buffer>,
  skip: number,
  end: number,
  short: () => GuesthouseError,
): AsyncGenerator<Buffer> {
  const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let gathered = 0;
  let taken = performance.now();
  let at = 0;
  const take = (): Buffer => {
    const whole = piece.subarray(0, gathered);
    gathered = 0;
    taken = performance.now();
    return whole;
  };
  let failure: unknown = null;
  try {
    for await (const chunk of source) {
      let wanted = chunk.subarray(Math.max(0, skip - at), Math.max(0, end - at));
      at += chunk.length;
      while (wanted.length > 0) {
        const part = wanted.subarray(0, PIECE_BYTES - gathered);
        piece.set(part, gathered);
        gathered += part.length;
        wanted = wanted.subarray(part.length);
        if (gathered === PIECE_BYTES) yield take();
      }
      if (gathered > 0 && (at >= end || performance.now() - taken > PIECE_MS)) yield take();
      if (at > end) return;
    }
  } catch (error) {
    failure = error;
  }
  if (gathered > 0) yield take();
  if (failure !== null) throw failure;
  if (at < end) throw new Transient(short());
}
