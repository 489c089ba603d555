/** What each kind of guest really cost on this machine: the last starts, their time and memory. A cache, never a truth. */
import type { Isolation } from '../contract/guest.ts';
import type { MeasuredCost } from '../contract/host.ts';
import { readJson, writeAtomic } from '../host/files.ts';

/** Starts behind each median. */
const KEPT = 10;
/** Written at most this often (ms): a start must not wait for it. */
const WRITE_DELAY_MS = 2_000;

type Seen = Record<Isolation, { startMs: number[]; memoryMib: number[]; diskMib: number[] }>;
const nothing = (): Seen[Isolation] => ({ startMs: [], memoryMib: [], diskMib: [] });

export class Costs {
  readonly #path: string;
  #seen: Seen = { container: nothing(), microvm: nothing(), vm: nothing() };
  #timer: NodeJS.Timeout | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<void> {
    const stored = await readJson<Partial<Seen>>(this.#path).catch(() => null);
    for (const isolation of ['container', 'microvm', 'vm'] as const) {
      this.#seen[isolation] = { ...nothing(), ...stored?.[isolation] };
    }
  }

  /** Adds one observation. */
  add(isolation: Isolation, what: keyof Seen[Isolation], value: number): void {
    const list = this.#seen[isolation][what];
    list.push(Math.round(value * 10) / 10);
    list.splice(0, Math.max(0, list.length - KEPT));
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_DELAY_MS).unref();
  }

  /** Writes what was seen; a failure only costs the figures. */
  async flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await writeAtomic(this.#path, JSON.stringify(this.#seen)).catch(() => {});
  }

  list(): MeasuredCost[] {
    return (['container', 'microvm', 'vm'] as const).map((isolation) => {
      const seen = this.#seen[isolation];
      return {
        isolation,
        startMs: median(seen.startMs),
        memoryMib: median(seen.memoryMib),
        diskMib: median(seen.diskMib),
        samples: seen.startMs.length,
      };
    });
  }
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
