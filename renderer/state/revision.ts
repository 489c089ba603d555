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

/** The model after the event, or `gap` when events between were missed. */
export function apply(model: HouseModel, event: StateEvent): HouseModel | 'gap' {
  if (event.type === 'snapshot') {
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
  if (model.revision === null || event.revision !== model.revision + 1) return 'gap';
  const { revision } = event;
  switch (event.type) {
    case 'guest':
      return { ...model, revision, guests: withEntry(model.guests, event.guest) };
    case 'guest-removed':
      return { ...model, revision, guests: without(model.guests, event.id) };
    case 'image':
      return { ...model, revision, images: withEntry(model.images, event.image) };
    case 'image-removed':
      return { ...model, revision, images: without(model.images, event.id) };
    case 'operation':
      return { ...model, revision, operations: withEntry(model.operations, event.operation) };
    case 'console':
      return { ...model, revision, consoles: withEntry(model.consoles, event.session) };
    case 'console-removed':
      return { ...model, revision, consoles: without(model.consoles, event.id) };
    case 'volume':
      return { ...model, revision, volumes: withEntry(model.volumes, event.volume) };
    case 'volume-removed':
      return { ...model, revision, volumes: without(model.volumes, event.id) };
    case 'network':
      return { ...model, revision, networks: withEntry(model.networks, event.network) };
    case 'network-removed':
      return { ...model, revision, networks: without(model.networks, event.id) };
    default:
      // A newer engine may say more than this window knows; the revision still counts.
      return { ...model, revision };
  }
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

function withEntry<T extends { readonly id: string }>(map: ReadonlyMap<string, T>, item: T): ReadonlyMap<string, T> {
  return new Map(map).set(item.id, item);
}

function without<T>(map: ReadonlyMap<string, T>, id: string): ReadonlyMap<string, T> {
  const copy = new Map(map);
  copy.delete(id);
  return copy;
}
