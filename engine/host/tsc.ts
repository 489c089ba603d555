/** How fast the processor's time stamp counter counts, which nothing but counting tells on every host. x86-64. */
import { setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';

/** rdtsc; shl rdx, 32; or rax, rdx; ret */
const CODE = Buffer.from('0f3148c1e2204809d0c3', 'hex');
const PAGE_BYTES = 4096;
const READ_WRITE = 3;
const READ_EXECUTE = 5;
const PRIVATE_ANONYMOUS = 0x22;
/** Between the two readings (ms): an error of a microsecond is one in a hundred thousand then. */
const APART_MS = 100;
/** Of these the one is taken in which the least time passed: nobody else had the processor meanwhile. */
const TRIES = 64;

/** In kHz; null on another architecture, or where no program may make code. */
export async function measureTscKhz(): Promise<number | null> {
  const counter = process.arch === 'x64' ? openCounter() : null;
  if (counter === null) return null;
  try {
    const first = reading(counter.read);
    await sleep(APART_MS);
    const second = reading(counter.read);
    return Math.round(((second.ticks - first.ticks) * 1e6) / Number(second.at - first.at));
  } finally {
    counter.close();
  }
}

function openCounter(): { read(): number; close(): void } | null {
  const libc = koffi.load(null);
  const mmap = libc.func('void *mmap(void *at, size_t bytes, int protection, int flags, int fd, int64 offset)');
  const mprotect = libc.func('int mprotect(void *at, size_t bytes, int protection)');
  const munmap = libc.func('int munmap(void *at, size_t bytes)');
  const at = mmap(null, PAGE_BYTES, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
  if (BigInt.asIntN(64, BigInt(at)) === -1n) return null;
  koffi.encode(at, 'uint8_t', [...CODE], CODE.length);
  const close = () => void munmap(at, PAGE_BYTES);
  if (mprotect(at, PAGE_BYTES, READ_EXECUTE) !== 0) {
    close();
    return null;
  }
  const rdtsc = koffi.decode(at, koffi.proto('uint64 ()')) as () => number | bigint;
  return { read: () => Number(rdtsc()), close };
}

function reading(read: () => number): { readonly ticks: number; readonly at: bigint } {
  let best = { ticks: 0, at: 0n, gap: Number.POSITIVE_INFINITY };
  for (let tries = 0; tries < TRIES; tries++) {
    const before = read();
    const at = process.hrtime.bigint();
    const gap = read() - before;
    if (gap < best.gap) best = { ticks: before + gap / 2, at, gap };
  }
  return best;
}
