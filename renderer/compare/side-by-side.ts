/** What stands beside what on the page Compare, and how far it is alike. Pure. */
import type { Guest, GuestCost, Isolation } from '../../engine/contract/index.ts';

export const ISOLATIONS: readonly Isolation[] = ['container', 'microvm', 'vm'];

/** What a column shows. */
export interface Side {
  readonly isolation: Isolation;
  /** Guests of the image that are isolated so, the one with most figures first. */
  readonly candidates: readonly Guest[];
  readonly guest: Guest | null;
}

/** Images that guests were made from, those with most kinds of isolation first. */
export function imagesOf(guests: Iterable<Guest>): readonly string[] {
  const kinds = new Map<string, Set<Isolation>>();
  for (const { image, isolation } of guests) {
    if (image === null) continue;
    kinds.set(image, (kinds.get(image) ?? new Set()).add(isolation));
  }
  return [...kinds].sort(([a, of], [b, than]) => than.size - of.size || a.localeCompare(b)).map(([image]) => image);
}

/** `chosen`: by isolation, the guest to look at where there are several. */
export function sidesOf(
  guests: Iterable<Guest>,
  image: string,
  costs: ReadonlyMap<string, GuestCost>,
  chosen: Partial<Record<Isolation, string>>,
): readonly Side[] {
  const seen = ({ id }: Guest) => costs.get(id)?.startMs.length ?? 0;
  const all = [...guests].filter((guest) => guest.image === image);
  return ISOLATIONS.map((isolation) => {
    const candidates = all
      .filter((guest) => guest.isolation === isolation)
      .sort((a, b) => seen(b) - seen(a) || b.createdAt - a.createdAt);
    const guest = candidates.find(({ id }) => id === chosen[isolation]) ?? candidates[0] ?? null;
    return { isolation, candidates, guest };
  });
}

/** Several observations of one figure. */
export interface Figure {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
}

export function figureOf(values: readonly number[] | undefined): Figure | null {
  if (!values || values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
  return { median, least: sorted[0] as number, most: sorted.at(-1) as number, count: sorted.length };
}

/** What was asked for, as far as it bears on the figures. */
export const ASKED = ['cpus', 'memory', 'ports', 'folders', 'network', 'command'] as const;
export type Asked = (typeof ASKED)[number];

/** Each as a text that is equal where the same was asked. Host ports are no difference: two guests cannot share one. */
export function askedOf({ spec }: Guest): Readonly<Record<Asked, string>> {
  const lines = (all: readonly string[]) => [...all].sort().join(', ');
  return {
    cpus: String(spec.cpus),
    memory: String(spec.memoryMib),
    ports: lines(spec.ports.map(({ guestPort, protocol }) => `${guestPort}/${protocol}`)),
    folders: lines(spec.mounts.map(({ source, target, readOnly }) => `${source} → ${target}${readOnly ? ' ro' : ''}`)),
    network: spec.network,
    command: [...(spec.entrypoint ?? []), ...(spec.command ?? [])].join(' '),
  };
}

/** What is not the same for all of these guests. */
export function differencesOf(guests: readonly Guest[]): ReadonlySet<Asked> {
  const [first, ...others] = guests.map(askedOf);
  return new Set(ASKED.filter((key) => others.some((other) => other[key] !== first?.[key])));
}
