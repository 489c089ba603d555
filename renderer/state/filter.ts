/** Filtering, ordering and grouping of the guest list. Pure. */
import type { Guest } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';

export type Grouping = 'host' | 'state' | 'isolation';

export interface GroupRow {
  readonly type: 'group';
  readonly key: string;
  readonly title: string;
  readonly size: number;
}
export interface GuestRow {
  readonly type: 'guest';
  readonly key: string;
  readonly guest: Guest;
}
export type ListRow = GroupRow | GuestRow;

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Every word of the query must be found somewhere in the guest: name, state, isolation, image, address or a port. */
export function matches(guest: Guest, query: string): boolean {
  const text = [
    guest.name,
    m.words.state(guest.state),
    m.words.isolation(guest.isolation),
    guest.image ?? '',
    guest.address ?? '',
    ...guest.ports.map((port) => `:${port.hostPort} :${port.guestPort}`),
  ]
    .join('\n')
    .toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** By name, digits by value: `web-2` before `web-10`. */
export function inOrder(guests: Iterable<Guest>, query: string): Guest[] {
  return [...guests].filter((guest) => matches(guest, query)).sort((a, b) => collator.compare(a.name, b.name));
}

const STATE_ORDER = ['failed', 'running', 'starting', 'creating', 'paused', 'stopping', 'deleting', 'stopped'];
const ISOLATION_ORDER = ['container', 'microvm', 'vm'];

/** The rows of the list, each group led by its header. */
export function rowsOf(guests: readonly Guest[], grouping: Grouping, hostname: string): ListRow[] {
  const keyOf = (guest: Guest) =>
    grouping === 'host' ? hostname : grouping === 'state' ? guest.state : guest.isolation;
  const order = grouping === 'state' ? STATE_ORDER : ISOLATION_ORDER;
  const groups = new Map<string, Guest[]>();
  for (const guest of guests) {
    const group = groups.get(keyOf(guest));
    if (group) group.push(guest);
    else groups.set(keyOf(guest), [guest]);
  }
  const sorted = [...groups].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return sorted.flatMap(([key, members]): ListRow[] => {
    const first = members[0] as Guest;
    const title =
      grouping === 'host'
        ? hostname
        : grouping === 'state'
          ? m.words.state(first.state)
          : m.words.isolation(first.isolation);
    return [
      { type: 'group', key: `group ${key}`, title, size: members.length },
      ...members.map((guest): GuestRow => ({ type: 'guest', key: guest.id, guest })),
    ];
  });
}
