/**
 * What each kind of guest, and each guest, really cost on this machine: the last starts, their time, memory and disk. A
 * cache, never a truth.
 */
import type { GuestSpec, Isolation } from '../contract/guest.ts';
import type { GuestCost, MeasuredCost } from '../contract/host.ts';
import { readJson, writeAtomic } from '../host/files.ts';

/** Starts behind each median. */
const KEPT = 10;
/** Written at most this often (ms): a start must not wait for it. */
const WRITE_DELAY_MS = 2_000;

interface Observed {
  startMs: number[];
  memoryMib: number[];
  diskMib: number[];
}
type Seen = Record<Isolation, Observed>;
/** `asked`: what was asked for when it was seen; figures of a guest that was changed since are no longer its own. */
type SeenOfGuest = Observed & { readonly asked: string };
const nothing = (): Observed => ({ startMs: [], memoryMib: [], diskMib: [] });

interface Owner {
  readonly id: string;
  readonly spec: GuestSpec;
}
const askedOf = ({ isolation, cpus, memoryMib, image, entrypoint, command }: GuestSpec): string =>
  JSON.stringify([isolation, cpus, memoryMib, image, entrypoint, command]);

export class Costs {
  readonly #path: string;
  #seen: Seen = { container: nothing(), microvm: nothing(), vm: nothing() };
  #guests = new Map<string, SeenOfGuest>();
  #timer: NodeJS.Timeout | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<void> {
    const stored = await readJson<Partial<Seen> & { guests?: Record<string, SeenOfGuest> }>(this.#path).catch(
      () => null,
    );
    for (const isolation of ['container', 'microvm', 'vm'] as const) {
      this.#seen[isolation] = { ...nothing(), ...stored?.[isolation] };
    }
    this.#guests = new Map(Object.entries(stored?.guests ?? {}).map(([id, seen]) => [id, { ...nothing(), ...seen }]));
  }

  /** Adds one observation. */
  add({ id, spec }: Owner, what: keyof Observed, value: number): void {
    const asked = askedOf(spec);
    let own = this.#guests.get(id);
    if (own?.asked !== asked) {
      own = { ...nothing(), asked };
      this.#guests.set(id, own);
    }
    for (const list of [this.#seen[spec.isolation][what], own[what]]) {
      list.push(Math.round(value * 10) / 10);
      list.splice(0, Math.max(0, list.length - KEPT));
    }
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_DELAY_MS).unref();
  }

  /** Writes what was seen; a failure only costs the figures. */
  async flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const all = { ...this.#seen, guests: Object.fromEntries(this.#guests) };
    await writeAtomic(this.#path, JSON.stringify(all)).catch(() => {});
  }

  /** The guest was removed. */
  forget(id: string): void {
    this.#guests.delete(id);
  }

  /** Of those that were seen as they are asked for now. */
  ofGuests(guests: Iterable<Owner>): GuestCost[] {
    return [...guests].flatMap(({ id, spec }) => {
      const seen = this.#guests.get(id);
      if (seen?.asked !== askedOf(spec)) return [];
      const { startMs, memoryMib, diskMib } = seen;
      return [{ id, startMs: [...startMs], memoryMib: [...memoryMib], diskMib: [...diskMib] }];
    });
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
