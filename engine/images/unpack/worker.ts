/** The thread in which layers are unpacked: several at a time, so that what they wait for is not waited for in turn. */
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import { squeezedWith } from '../archive/decompress.ts';
import type { Failure, Order, Report } from './protocol.ts';
import { unpackLayer } from './unpack.ts';

const readFrom = promisify(read);
/** Read from a file in one go (bytes). */
const PIECE_BYTES = 512 * 1024;
/** Say what it was squeezed with. */
const MAGIC_BYTES = 4;

interface Job {
  readonly pieces: Uint8Array[];
  /** Bytes in its file. */
  have: number;
  readonly abort: AbortController;
  ended: boolean;
  wake(): void;
}

const jobs = new Map<number, Job>();
const report = (what: Report) => parentPort?.postMessage(what);

parentPort?.on('message', (order: Order) => {
  if (order.what === 'unpack') return start(order);
  const job = jobs.get(order.job);
  if (!job) return; // it failed while this was on its way
  if (order.what === 'piece') job.pieces.push(order.bytes);
  else if (order.what === 'grown') job.have = order.bytes;
  else if (order.what === 'end') job.ended = true;
  else job.abort.abort();
  job.wake();
});

function start({ job: number, order, fd }: Extract<Order, { what: 'unpack' }>): void {
  const job: Job = { pieces: [], have: 0, abort: new AbortController(), ended: false, wake: () => {} };
  const { signal } = job.abort;
  jobs.set(number, job);
  unpackLayer(fd === null ? taken(number, job) : fromFile(fd, number, job), order, signal)
    .then(
      (result) => report({ what: 'done', job: number, result }),
      (error) => report({ what: 'failed', job: number, error: failure(error) }),
    )
    .finally(() => jobs.delete(number));
}

async function* taken(number: number, job: Job): AsyncGenerator<Uint8Array> {
  for (;;) {
    job.abort.signal.throwIfAborted();
    const piece = job.pieces.shift();
    if (piece) {
      report({ what: 'taken', job: number, bytes: piece.length });
      yield piece;
    } else if (job.ended) {
      return;
    } else {
      await news(job);
    }
  }
}

/** What is to be inflated is read into the same memory again and again: new memory costs more than reading. */
async function* fromFile(fd: number, number: number, job: Job): AsyncGenerator<Uint8Array> {
  let buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let kept: boolean | null = null;
  for (let at = 0; ; ) {
    job.abort.signal.throwIfAborted();
    if (at < job.have && (at > 0 || job.have >= MAGIC_BYTES || job.ended)) {
      const { bytesRead } = await readFrom(fd, buffer, 0, Math.min(PIECE_BYTES, job.have - at), at);
      if (bytesRead === 0) throw new Error('The file of a layer became shorter.');
      at += bytesRead;
      kept ??= squeezedWith(buffer.subarray(0, bytesRead)) === null;
      report({ what: 'taken', job: number, bytes: bytesRead });
      yield buffer.subarray(0, bytesRead);
      if (kept) buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    } else if (job.ended) {
      return;
    } else {
      await news(job);
    }
  }
}

function news(job: Job): Promise<void> {
  return new Promise((resolve) => {
    job.wake = resolve;
  });
}

function failure(error: unknown): Failure {
  if (error instanceof GuesthouseError) return { shape: toErrorShape(error) };
  const { message, code } = error as NodeJS.ErrnoException;
  return { message: message ?? String(error), code };
}
