/**
 * The house as one value: what the `state` topic said so far. Pure: a snapshot starts it anew, a delta must carry the
 * next revision, and anything else is a gap that only a new snapshot heals.
 */
import type {
  ConsoleSession,
  Guest,
  Image,
  Network,
  Operation,
  StateEvent,
  Volume,
} from '../../engine/contract/index.ts';

export interface HouseModel {
  /** null: nothing received yet. */
  readonly revision: number | null;
  readonly guests: ReadonlyMap<string, Guest>;
  readonly images: ReadonlyMap<string, Image>;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly consoles: ReadonlyMap<string, ConsoleSession>;
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly networks: ReadonlyMap<string, Network>;
}

export const EMPTY_HOUSE: HouseModel = {
  revision: null,
  guests: new Map(),
  images: new Map(),
  operations: new Map(),
  consoles: new Map(),
  volumes: new Map(),
  networks: new Map(),
};

/** Several events, one after the other; each of the maps is copied once at most, however many guests changed. */
export function applyAll(model: HouseModel, events: readonly StateEvent[]): HouseModel | 'gap' {
  const own = new Set<unknown>();
  let now: HouseModel = model;
  for (const event of events) {
    if (event.type === 'snapshot') {
      now = fromSnapshot(event);
      continue;
    }
    if (now.revision === null || event.revision !== now.revision + 1) return 'gap';
    const change = changeOf(event);
    if (change === null) {
      // A newer engine may say more than this window knows; the revision still counts.
      now = { ...now, revision: event.revision };
      continue;
    }
    const before = now[change.map] as ReadonlyMap<string, unknown>;
    const after = own.has(before) ? (before as Map<string, unknown>) : new Map(before);
    own.add(after);
    if (change.item === undefined) after.delete(change.id);
    else after.set(change.id, change.item);
    now = { ...now, revision: event.revision, [change.map]: after };
  }
  return now;
}

/** The model after the event, or `gap` when events between were missed. */
export const apply = (model: HouseModel, event: StateEvent): HouseModel | 'gap' => applyAll(model, [event]);

type MapName = Exclude<keyof HouseModel, 'revision'>;

function fromSnapshot(event: Extract<StateEvent, { type: 'snapshot' }>): HouseModel {
  return {
    revision: event.revision,
    guests: byId(event.guests),
    images: byId(event.images),
    operations: byId(event.operations),
    consoles: byId(event.consoles),
    volumes: byId(event.volumes),
    networks: byId(event.networks),
  };
}

/** Which entry of which map is another now; without an item it is gone. null: not known here. */
function changeOf(
  event: Exclude<StateEvent, { type: 'snapshot' }>,
): { readonly map: MapName; readonly id: string; readonly item?: unknown } | null {
  switch (event.type) {
    case 'guest':
      return { map: 'guests', id: event.guest.id, item: event.guest };
    case 'image':
      return { map: 'images', id: event.image.id, item: event.image };
    case 'operation':
      return { map: 'operations', id: event.operation.id, item: event.operation };
    case 'console':
      return { map: 'consoles', id: event.session.id, item: event.session };
    case 'volume':
      return { map: 'volumes', id: event.volume.id, item: event.volume };
    case 'network':
      return { map: 'networks', id: event.network.id, item: event.network };
    case 'guest-removed':
    case 'image-removed':
    case 'console-removed':
    case 'volume-removed':
    case 'network-removed':
      return { map: GONE[event.type], id: event.id };
    default:
      return null;
  }
}

const GONE = {
  'guest-removed': 'guests',
  'image-removed': 'images',
  'console-removed': 'consoles',
  'volume-removed': 'volumes',
  'network-removed': 'networks',
} as const;

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}
