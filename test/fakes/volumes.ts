/** A store of volumes without any, for guests that use none. */
import type { VolumeStore } from '../../engine/volumes/store.ts';

export function fakeVolumes(): VolumeStore {
  const refuse = async () => {
    throw new Error('There are no volumes here.');
  };
  return {
    load: async () => {},
    list: () => [],
    get: () => {
      throw new Error('There are no volumes here.');
    },
    create: refuse,
    ensure: refuse,
    discard: refuse,
    createFor: refuse,
    inspect: refuse,
    remove: refuse,
    prune: async () => ({ removed: [], freedBytes: 0 }),
    fill: refuse,
    copy: refuse,
    pack: () => {
      throw new Error('There are no volumes here.');
    },
    unpack: refuse,
    path: refuse,
    removeOf: async () => {},
    sweep: async () => {},
    setUsers() {},
    doctor: async () => [],
    onChange() {},
    onEvent() {},
  };
}
