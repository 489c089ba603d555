/**
 * A faithful copy of a folder that may hold anything: owners, attributes, hard links, holes, devices and the marks of
 * overlayfs. Blocks are shared where the file system can. Done inside the house, where owners are what guests say.
 */
import type { OperationContext } from '../drivers/driver.ts';
import { run } from '../host/process.ts';
import type { Inside } from '../images/inside.ts';

const COPY_TIMEOUT_MS = 12 * 60 * 60_000;
/** How often it is looked how far the copy is (ms); looking at many files takes its time too. */
const LOOK_MS = 500;
const LOOK_SHARE = 10;

/** `to` is an empty folder, which becomes like `from`. The copy is durable when this resolves. */
export async function copyTree(
  inside: Inside,
  from: string,
  to: string,
  step: string,
  { signal, progress }: Pick<OperationContext, 'signal' | 'progress'>,
): Promise<void> {
  await inside.ensure();
  progress({ step, fraction: null });
  const bytesTotal = await inside.diskUse(from, signal);
  const copied = new AbortController();
  const watching = watch();
  try {
    const argv = ['cp', '-a', '--reflink=auto', '--sparse=auto', '--one-file-system', '--', `${from}/.`, `${to}/`];
    await run([...inside.prefix(), ...argv], { signal, timeoutMs: COPY_TIMEOUT_MS });
  } finally {
    copied.abort();
    await watching;
  }
  progress({ step, fraction: 1, bytesDone: bytesTotal, bytesTotal });
  await inside.sync(to, signal);

  async function watch(): Promise<void> {
    let wait = LOOK_MS;
    while (!copied.signal.aborted) {
      await pause(wait, copied.signal);
      const began = performance.now();
      const bytesDone = await inside.diskUse(to, copied.signal).catch(() => null);
      wait = Math.max(LOOK_MS, LOOK_SHARE * (performance.now() - began));
      if (bytesDone === null || copied.signal.aborted) continue;
      progress({ step, fraction: bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : null, bytesDone, bytesTotal });
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
