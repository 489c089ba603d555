/** The thread in which layers are unpacked: several at a time, so that what they wait for is not waited for in turn. */
import { parentPort } from 'node:worker_threads';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import type { Failure, Order, Report } from './protocol.ts';
import { unpackLayer } from './unpack.ts';

interface Job {
  readonly pieces: Uint8Array[];
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
  else if (order.what === 'end') job.ended = true;
  else job.abort.abort();
  job.wake();
});

function start({ job: number, order }: Extract<Order, { what: 'unpack' }>): void {
  const job: Job = { pieces: [], abort: new AbortController(), ended: false, wake: () => {} };
  const { signal } = job.abort;
  jobs.set(number, job);
  unpackLayer(taken(number, job), order, signal)
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
      report({ what: 'taken', job: number });
      yield piece;
    } else if (job.ended) {
      return;
    } else {
      await new Promise<void>((resolve) => {
        job.wake = resolve;
      });
    }
  }
}

function failure(error: unknown): Failure {
  if (error instanceof GuesthouseError) return { shape: toErrorShape(error) };
  const { message, code } = error as NodeJS.ErrnoException;
  return { message: message ?? String(error), code };
}
