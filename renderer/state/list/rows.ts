/** The rows of the list of guests, each group led by its header. Pure. */
import type { Guest } from '../../../engine/contract/index.ts';
import { m } from '../../messages.ts';
import { stateRank } from './order.ts';

/** `label:team`: by the values of that label. */
export type Grouping = 'none' | 'host' | 'state' | 'isolation' | `label:${string}`;

export interface GroupRow {
  readonly type: 'group';
  readonly key: string;
  readonly title: string;
  readonly size: number;
  readonly folded: boolean;
}
export interface GuestRow {
  readonly type: 'guest';
  readonly key: string;
  readonly guest: Guest;
}
export type ListRow = GroupRow | GuestRow;

const ISOLATIONS = ['container', 'microvm', 'vm'];

/** Settings may hold anything. */
export const isGrouping = (text: string): text is Grouping =>
  ['none', 'host', 'state', 'isolation'].includes(text) || text.startsWith('label:');

interface Groups {
  keyOf(guest: Guest): string;
  title(key: string): string;
  /** Of two keys, which comes first; left out: the one met first. */
  order?(a: string, b: string): number;
}

function groupsOf(grouping: Exclude<Grouping, 'none'>, hostname: string): Groups {
  if (grouping === 'host') return { keyOf: () => hostname, title: () => hostname };
  if (grouping === 'state')
    return {
      keyOf: ({ state }) => state,
      title: (key) => m.words.state(key as Guest['state']),
      order: (a, b) => stateRank(a) - stateRank(b),
    };
  if (grouping === 'isolation')
    return {
      keyOf: ({ isolation }) => isolation,
      title: (key) => m.words.isolation(key as Guest['isolation']),
      order: (a, b) => ISOLATIONS.indexOf(a) - ISOLATIONS.indexOf(b),
    };
  const label = grouping.slice('label:'.length);
  return {
    keyOf: ({ spec }) => (Object.hasOwn(spec.labels, label) ? `=${spec.labels[label]}` : ''),
    title: (key) => (key === '' ? m.list.labelNone(label) : m.list.labelGroup(label, key.slice(1))),
    // Those without come last.
    order: (a, b) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1),
  };
}

const kept = new WeakMap<Guest, GuestRow>();

/** One row for a guest as it is: a row that is the same need not be painted anew because others are not. */
function rowOf(guest: Guest): GuestRow {
  const known = kept.get(guest);
  if (known) return known;
  const row: GuestRow = { type: 'guest', key: guest.id, guest };
  kept.set(guest, row);
  return row;
}

/** Keys of groups that are folded away are in `folded`. */
export function rowsOf(
  guests: readonly Guest[],
  grouping: Grouping,
  hostname: string,
  folded: ReadonlySet<string> = new Set(),
): ListRow[] {
  if (grouping === 'none') return guests.map(rowOf);
  const { keyOf, title, order } = groupsOf(grouping, hostname);
  const groups = new Map<string, Guest[]>();
  for (const guest of guests) {
    const key = keyOf(guest);
    const group = groups.get(key);
    if (group) group.push(guest);
    else groups.set(key, [guest]);
  }
  const sorted = order ? [...groups].sort(([a], [b]) => order(a, b)) : [...groups];
  return sorted.flatMap(([name, members]): ListRow[] => {
    const key = `group ${grouping} ${name}`;
    const isFolded = folded.has(key);
    const header: GroupRow = { type: 'group', key, title: title(name), size: members.length, folded: isFolded };
    return [header, ...(isFolded ? [] : members.map(rowOf))];
  });
}

/** Labels that at least one guest has, in order of the alphabet. */
export function labelKeys(guests: Iterable<Guest>): string[] {
  const keys = new Set<string>();
  for (const { spec } of guests) for (const key of Object.keys(spec.labels)) keys.add(key);
  return [...keys].sort();
}
