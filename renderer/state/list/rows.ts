/** The rows of the list of guests, each group led by its header. Pure. */
import { type Guest, PROJECT_LABEL } from '../../../engine/contract/index.ts';
import { m } from '../../messages.ts';
import { stateRank } from './order.ts';

/** `label:team`: by the values of that label. */
export type Grouping = 'none' | 'host' | 'state' | 'isolation' | 'project' | `label:${string}`;

export interface GroupRow {
  readonly key: string;
  readonly title: string;
  readonly size: number;
  readonly folded: boolean;
  /** The group is this project's guests. */
  readonly project?: string;
}
/** A guest stands in the list as its id: a list whose guests change is the same list as long as none of them moves. */
export type ListRow = GroupRow | string;

export const keyOf = (row: ListRow): string => (typeof row === 'string' ? row : row.key);

const ISOLATIONS = ['container', 'microvm', 'vm'];

/** Settings may hold anything. */
export const isGrouping = (text: string): text is Grouping =>
  ['none', 'host', 'state', 'isolation', 'project'].includes(text) || text.startsWith('label:');

interface Groups {
  keyOf(guest: Guest): string;
  title(key: string): string;
  /** Of two keys, which comes first. */
  order(a: string, b: string): number;
}

function groupsOf(grouping: Exclude<Grouping, 'none' | 'host'>): Groups {
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
  if (grouping === 'project')
    return {
      keyOf: ({ spec }) => spec.labels[PROJECT_LABEL] ?? '',
      title: (key) => key || m.compose.none,
      order: lastWithout,
    };
  const label = grouping.slice('label:'.length);
  return {
    keyOf: ({ spec }) => (Object.hasOwn(spec.labels, label) ? `=${spec.labels[label]}` : ''),
    title: (key) => (key === '' ? m.list.labelNone(label) : m.list.labelGroup(label, key.slice(1))),
    order: lastWithout,
  };
}

const lastWithout = (a: string, b: string): number => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1);

/** Keys of groups that are folded away are in `folded`. `guestOf` is asked only where guests decide on groups. */
export function rowsOf(
  ids: readonly string[],
  grouping: Grouping,
  hostname: string,
  guestOf: (id: string) => Guest | undefined,
  folded: ReadonlySet<string> = new Set(),
): readonly ListRow[] {
  if (grouping === 'none' || ids.length === 0) return ids;
  const led = (name: string, title: string, members: readonly string[]): ListRow[] => {
    const key = `group ${grouping} ${name}`;
    const isFolded = folded.has(key);
    const project = grouping === 'project' && name !== '' ? { project: name } : {};
    return [{ key, title, size: members.length, folded: isFolded, ...project }, ...(isFolded ? [] : members)];
  };
  if (grouping === 'host') return led(hostname, hostname, ids);
  const { keyOf, title, order } = groupsOf(grouping);
  const groups = [...groupedBy(ids, guestOf, keyOf)].sort(([a], [b]) => order(a, b));
  return groups.flatMap(([name, members]) => led(name, title(name), members));
}

function groupedBy(
  ids: readonly string[],
  guestOf: (id: string) => Guest | undefined,
  keyOf: (guest: Guest) => string,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const id of ids) {
    const guest = guestOf(id);
    if (!guest) continue;
    const key = keyOf(guest);
    const group = groups.get(key);
    if (group) group.push(id);
    else groups.set(key, [id]);
  }
  return groups;
}

/** Labels that at least one guest has, in order of the alphabet. */
export function labelKeys(guests: Iterable<Guest>): string[] {
  const keys = new Set<string>();
  for (const { spec } of guests) for (const key of Object.keys(spec.labels)) keys.add(key);
  return [...keys].sort();
}
