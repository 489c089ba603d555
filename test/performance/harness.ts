/**
 * What a bench is, and how one is run: its variants take turns within one run, so that a machine that is busy for a
 * while is busy for all of them. Ratios of one run mean something; milliseconds of two runs do not.
 */
import { type Summary, summarize } from './statistics.ts';

/** `floor`: the same work with nothing of ours or the peer's around it. */
export type Role = 'ours' | 'peer' | 'floor';

export interface Variant {
  readonly role: Role;
  /** What is measured: `runc 1.1.5 run`. */
  readonly label: string;
  /** Of what is measured when it is no time: `KiB`, `% of a core`. */
  readonly unit?: string;
  /** One measurement; with it, in the same unit, parts or additions worth knowing by name. */
  run(): Promise<Measured>;
}

export type Measured = ({ readonly ms: number } | { readonly value: number }) & {
  readonly more?: Readonly<Record<string, number>>;
};

/** A variant that cannot be measured here, and why. */
export interface Absent {
  readonly role: Role;
  readonly label: string;
  readonly absent: string;
}

/** What we want to reach. */
export interface Goal {
  readonly of: 'ours/floor' | 'ours/peer' | 'ours-floor ms' | 'ours-floor p95 ms' | 'ours' | 'ours p95';
  readonly atMost: number;
  /** How the labels of what is compared begin, where a role has several; left out: the first one. */
  readonly ours?: string;
  readonly than?: string;
}

export interface BenchContext {
  /** A folder of this run, empty, removed at the end. */
  readonly folder: string;
  /** Undone at the end, latest first, also after Ctrl-C or a failure. */
  defer(what: string, how: () => unknown): void;
  /** Tells what is going on, on standard error. */
  say(line: string): void;
}

export interface Bench {
  readonly name: string;
  /** One sentence: from when to when is measured, with what. */
  readonly about: string;
  readonly goals: readonly Goal[];
  readonly rounds: number;
  readonly warmups: number;
  /** It takes minutes: run only when it is named. */
  readonly long?: boolean;
  prepare(context: BenchContext): Promise<readonly (Variant | Absent)[]>;
}

export interface VariantResult {
  readonly role: Role;
  readonly label: string;
  /** Left out: milliseconds. */
  readonly unit?: string;
  readonly absent?: string;
  readonly total?: Summary;
  readonly more?: Readonly<Record<string, Summary>>;
}

export interface BenchResult {
  readonly name: string;
  readonly about: string;
  readonly variants: readonly VariantResult[];
  readonly goals: readonly (Goal & { readonly measured: number | null; readonly met: boolean | null })[];
}

export interface RunOptions {
  readonly rounds: number;
  readonly warmups: number;
  readonly signal: AbortSignal;
}

export async function runBench(bench: Bench, context: BenchContext, options: RunOptions): Promise<BenchResult> {
  const variants = await bench.prepare(context);
  /** Peers and floors that broke down: their goal stays open, ours is measured all the same. */
  const broken = new Map<Variant | Absent, string>();
  const times = new Map<Variant | Absent, number[]>();
  const more = new Map<Variant | Absent, Map<string, number[]>>();
  for (let round = -options.warmups; round < options.rounds; round++) {
    context.say(round < 0 ? `warm-up ${round + options.warmups + 1}` : `round ${round + 1} of ${options.rounds}`);
    for (const variant of inTurn(variants, round + options.warmups)) {
      options.signal.throwIfAborted();
      if ('absent' in variant || broken.has(variant)) continue;
      const measured = await attempt(variant).catch((error) => {
        if (variant.role === 'ours') throw error;
        context.say(`${variant.label} failed: ${error.message}`);
        broken.set(variant, `failed twice: ${error.message}`);
        return null;
      });
      if (round < 0 || measured === null) continue;
      push(times, variant, 'ms' in measured ? measured.ms : measured.value);
      const parts = more.get(variant) ?? new Map<string, number[]>();
      more.set(variant, parts);
      for (const [name, part] of Object.entries(measured.more ?? {})) push(parts, name, part);
    }
  }
  const results = variants.map((variant): VariantResult => {
    const { role, label } = variant;
    const absent = 'absent' in variant ? variant.absent : broken.get(variant);
    if (absent !== undefined) return { role, label, absent };
    const parts = [...(more.get(variant) ?? [])].map(([name, values]) => [name, summarize(values)] as const);
    const unit = 'unit' in variant ? { unit: variant.unit } : {};
    return { role, label, ...unit, total: summarize(times.get(variant) ?? []), more: Object.fromEntries(parts) };
  });
  return {
    name: bench.name,
    about: bench.about,
    variants: results,
    goals: bench.goals.map((goal) => judge(goal, results)),
  };
}

/**
 * Another order each round, and after a turn of them the other way round: whoever comes after a heavy one is not always the
 * same, and each comes after each.
 */
function inTurn<T>(variants: readonly T[], round: number): T[] {
  const shift = round % variants.length;
  const order = [...variants.slice(shift), ...variants.slice(0, shift)];
  return Math.floor(round / variants.length) % 2 === 0 ? order : order.reverse();
}

/** One more chance for what is not ours: its daemon may have stumbled over somebody else on the machine. */
function attempt(variant: Variant) {
  return variant.role === 'ours' ? variant.run() : variant.run().catch(() => variant.run());
}

function push<K>(map: Map<K, number[]>, key: K, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/**
 * Medians against each other, or the 95th percentiles where the goal says so. Of several variants in a role the first
 * counts, unless the goal names another.
 */
export function judge(goal: Goal, results: readonly VariantResult[]): BenchResult['goals'][number] {
  const figure = goal.of.includes('p95') ? 'p95' : 'median';
  const of = (role: Role, named = '') =>
    results.find((result) => result.role === role && result.total && result.label.startsWith(named))?.total?.[figure] ??
    null;
  const ours = of('ours', goal.ours);
  const other =
    goal.of === 'ours' || goal.of === 'ours p95' ? 1 : of(goal.of === 'ours/peer' ? 'peer' : 'floor', goal.than);
  const measured =
    ours === null || other === null ? null : goal.of.startsWith('ours-floor') ? ours - other : ours / other;
  return { ...goal, measured, met: measured === null ? null : measured <= goal.atMost };
}
