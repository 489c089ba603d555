/**
 * The engine's side of the unpacking thread. One for the process, started when there is something to unpack and ended
 * when there was nothing for a while. The engine's own thread stays free meanwhile: for consoles, and for fetching.
 */
import type { Worker } from 'node:worker_threads';
import { GuesthouseError } from '../../contract/errors.ts';
import { startWorker } from '../../host/worker.ts';
import { isFileSource } from '../archive/file-source.ts';
import { AHEAD_PIECES, type Failure, type Order, type Report, type Unpacked, type UnpackOrder } from './protocol.ts';

/** The thread is kept this long for the next layer (ms). */
const IDLE_MS = 2000;

interface Job {
  onTaken(bytes: number): void;
  settle(error: unknown, result?: Unpacked): void;
}

const jobs = new Map<number, Job>();
let thread: Worker | null = null;
let idle: NodeJS.Timeout | undefined;
let last = 0;

/**
 * Unpacks as `unpackLayer` does; the pieces of `source` are copied, unless they are in a file. Throws what the source throws, too. Nothing of it
 * runs any more when it settles, unless the thread itself was lost (`internal`).
 */
export async function unpackInThread(
  source: AsyncIterable<Uint8Array>,
  order: UnpackOrder,
  signal: AbortSignal,
): Promise<Unpacked> {
  signal.throwIfAborted();
  const worker = running();
  const job = ++last;
  const say = (what: Order) => worker.postMessage(what);
  const file = isFileSource(source) ? source : null;
  let ahead = 0;
  let wake = () => {};
  let over = false;
  const settled = new Promise<Unpacked>((resolve, reject) => {
    jobs.set(job, {
      onTaken(bytes) {
        if (file) return file.taken(bytes);
        ahead--;
        wake();
      },
      settle(error, result) {
        over = true;
        wake();
        if (result) resolve(result);
        else reject(error);
      },
    });
  });
  settled.catch(() => {}); // awaited below
  say({ what: 'unpack', job, order, fd: file?.fd ?? null });
  const onAbort = () => say({ what: 'abort', job });
  signal.addEventListener('abort', onAbort, { once: true });
  const iterator = file ? null : source[Symbol.asyncIterator]();
  try {
    for (let at = 0; file; ) {
      const bytes = await Promise.race([file.beyond(at), settled.then(() => null)]);
      if (bytes === null) break;
      at = bytes;
      say({ what: 'grown', job, bytes });
    }
    while (iterator) {
      // Whoever makes the bytes may be waiting for something that does not come.
      const next = await Promise.race([iterator.next(), settled]);
      if (over || !('done' in next) || next.done) break;
      ahead++;
      say({ what: 'piece', job, bytes: next.value });
      while (ahead >= AHEAD_PIECES && !over)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    say({ what: 'end', job });
    return await settled;
  } catch (error) {
    say({ what: 'abort', job });
    await settled.catch(() => {});
    throw signal.aborted ? signal.reason : error;
  } finally {
    void iterator?.return?.()?.catch(() => {}); // it may never get there
    signal.removeEventListener('abort', onAbort);
    jobs.delete(job);
    rest();
  }
}

/** Whoever will have something to unpack soon need not wait for the thread to start then. */
export function warm(): void {
  running();
  rest();
}

function running(): Worker {
  clearTimeout(idle);
  if (thread) {
    thread.ref();
    return thread;
  }
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const made = startWorker(new URL(file, import.meta.url));
  made.on('message', (report: Report) => {
    const job = jobs.get(report.job);
    if (report.what === 'taken') job?.onTaken(report.bytes);
    else if (report.what === 'done') job?.settle(null, report.result);
    else job?.settle(thrown(report.error));
  });
  const lost = (cause: string) => {
    if (thread !== made) return;
    thread = null;
    const error = new GuesthouseError({ code: 'internal', message: 'The thread that unpacks layers ended.', cause });
    for (const job of jobs.values()) job.settle(error);
  };
  made.on('error', (error) => lost(error.message));
  made.on('exit', (code) => lost(`exit code ${code}`));
  thread = made;
  return made;
}

/** A thread without work holds up nobody who wants to end. */
function rest(): void {
  if (jobs.size > 0 || !thread) return;
  const worker = thread;
  worker.unref();
  idle = setTimeout(() => {
    thread = null;
    void worker.terminate();
  }, IDLE_MS).unref();
}

function thrown(failure: Failure): unknown {
  if ('shape' in failure) return new GuesthouseError(failure.shape);
  return Object.assign(new Error(failure.message), failure.code === undefined ? {} : { code: failure.code });
}
