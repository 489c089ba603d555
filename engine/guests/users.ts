/** Tells the stores which guests use what of theirs: what is in use is not removed. */
import { trashedName } from '../contract/trash.ts';
import type { ImageStore } from '../images/store.ts';
import { type NetworkStore, networkUsers } from '../networks/network-store.ts';
import type { VolumeStore } from '../volumes/store.ts';
import { volumeUsers } from '../volumes/users.ts';
import type { Guests } from './guests.ts';
import type { Manifest } from './manifest.ts';

export interface UserStores {
  readonly images: Pick<ImageStore, 'setUsers'>;
  readonly volumes: Pick<VolumeStore, 'setUsers'>;
  readonly networks: Pick<NetworkStore, 'setUsers'>;
}

export interface Users {
  /** Guests came, went or were read. */
  tell(): void;
  /** One changed. Most changes are of its state, which is no matter here, and with a thousand guests telling takes a while. */
  changed(guestId: string): void;
}

export function createUsers(
  guests: Pick<Guests, 'has' | 'entry' | 'entries' | 'trash'>,
  { images, volumes, networks }: UserStores,
): Users {
  let told: ReadonlyMap<string, Manifest> = new Map();
  const tell = () => {
    const all = usersAmong(guests);
    told = new Map(all.map((manifest) => [manifest.id, manifest]));
    images.setUsers(imageUsers(all));
    volumes.setUsers(volumeUsers(all));
    networks.setUsers(networkUsers(all));
  };
  return {
    tell,
    changed(guestId) {
      const before = told.get(guestId);
      if (before && guests.has(guestId) && usesTheSame(before, guests.entry(guestId).manifest)) return;
      tell();
    },
  };
}

/** Records are replaced, never changed: what is the same object says the same. */
function usesTheSame(one: Manifest, other: Manifest): boolean {
  return one.spec === other.spec && one.imageId === other.imageId && one.ownVolumes === other.ownVolumes;
}

/** Those in the trash need what they use as well, and are named so. */
function usersAmong(guests: Pick<Guests, 'entries' | 'trash'>): Manifest[] {
  const trashed = [...guests.trash.entries()].map(({ manifest }) => {
    return { ...manifest, spec: { ...manifest.spec, name: trashedName(manifest.spec.name) } };
  });
  return [...[...guests.entries()].map(({ manifest }) => manifest), ...trashed];
}

/** Names of guests by the id of each image they are made from. */
function imageUsers(manifests: Iterable<Manifest>): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const { spec, imageId } of manifests) {
    const further = spec.disks.flatMap(({ from }) => (from === null ? [] : [from]));
    for (const image of new Set([...(imageId === null ? [] : [imageId]), ...further])) add(users, image, spec.name);
  }
  return users;
}

/** Adds without copying what is there: there may be a thousand of one image. */
function add(users: Map<string, string[]>, key: string, name: string): void {
  const names = users.get(key);
  if (names) names.push(name);
  else users.set(key, [name]);
}
