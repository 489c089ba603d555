/** The order of the list of guests. Pure. */
import type { Guest, Sample } from '../../../engine/contract/index.ts';
import type { ColumnName } from './columns.ts';
import { diskRate, type Facts, netRate, upMs } from './fields.ts';
import { compareNames } from './natural.ts';

export interface Order {
  readonly by: ColumnName;
  readonly down: boolean;
}

export const DEFAULT_ORDER: Order = { by: 'name', down: false };

/** Figures are looked for from the top, words from the beginning. */
export const FIRST_DOWN: Readonly<Record<ColumnName, boolean>> = {
  name: false,
  state: false,
  image: false,
  labels: false,
  screen: true,
  cpu: true,
  memory: true,
  disk: true,
  network: true,
  up: true,
  restarts: true,
  created: true,
};

/** Orders that change with every frame of figures. */
export const isMoving = (by: ColumnName): boolean => ['cpu', 'memory', 'disk', 'network'].includes(by);

const STATES = ['failed', 'running', 'starting', 'creating', 'paused', 'stopping', 'deleting', 'stopped'];
export const stateRank = (state: string): number => STATES.indexOf(state);

type Key = number | string | null;

const KEYS: Record<Exclude<ColumnName, 'name'>, (facts: Facts) => Key> = {
  state: ({ guest }) => stateRank(guest.state),
  screen: ({ guest }) => (guest.consoles.includes('display') ? 1 : null),
  cpu: ({ sample }) => sample?.cpuPercent ?? null,
  memory: ({ sample }) => sample?.memoryBytes ?? null,
  disk: ({ sample }) => diskRate(sample),
  network: ({ sample }) => netRate(sample),
  image: ({ guest }) => guest.image,
  up: upMs,
  labels: ({ guest }) => labelText(guest) || null,
  restarts: ({ guest }) => guest.restarts,
  created: ({ guest }) => guest.createdAt,
};

export const labelText = (guest: Guest): string =>
  Object.entries(guest.spec.labels)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .sort()
    .join(', ');

/** `guests` by name already, which decides between equals. What is not known comes last either way. */
export function inOrder(
  guests: readonly Guest[],
  { by, down }: Order,
  samples: { get(id: string): Sample | undefined },
  nowMs: number,
): readonly Guest[] {
  if (by === 'name') return down ? guests.toReversed() : guests;
  const keyOf = KEYS[by];
  const keyed = guests.map((guest) => ({ guest, key: keyOf({ guest, sample: samples.get(guest.id), nowMs }) }));
  const sign = down ? -1 : 1;
  keyed.sort(({ key: a }, { key: b }) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return sign * (typeof a === 'string' ? compareNames(a, b as string) : a - (b as number));
  });
  return keyed.map(({ guest }) => guest);
}
