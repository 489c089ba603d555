/** A store with given images and no files. */
import { GuesthouseError } from '../../engine/contract/errors.ts';
import type { Image, ImageConfig, ImageKind } from '../../engine/contract/image.ts';
import type { ImageStore } from '../../engine/images/store.ts';

export function fakeImage(name: string, kind: ImageKind = 'rootfs'): Image {
  return {
    id: `sha256:${'a'.repeat(64)}`,
    name,
    aliases: [],
    kind,
    createdAt: 0,
    sizeBytes: 1,
    ownBytes: 1,
    origin: 'a test',
    config: null,
    virtualBytes: null,
    architecture: 'amd64',
    usedBy: [],
  };
}

export const NO_CONFIG: ImageConfig = {
  entrypoint: [],
  cmd: [],
  env: [],
  workingDir: '',
  user: '',
  exposedPorts: [],
  volumes: [],
  stopSignal: null,
  health: null,
  labels: {},
};

export function fakeImages(images: readonly Image[]): ImageStore {
  const unsupported = async () => {
    throw new GuesthouseError({ code: 'unsupported', message: 'Not in this fake.' });
  };
  return {
    load: async () => {},
    list: () => images,
    get(ref) {
      const found = images.find((image) => image.name === ref || image.id === ref);
      if (found) return found;
      throw new GuesthouseError({ code: 'not-found', message: `No image ${ref}.` });
    },
    build: unsupported,
    import: unsupported,
    convert: unsupported,
    unpack: unsupported,
    pull: unsupported,
    catalogue: unsupported,
    fetch: unsupported,
    setMirror: unsupported,
    remove: unsupported,
    tag: unsupported,
    save: unsupported,
    commit: unsupported,
    buildContainer: unsupported,
    diskUse: unsupported,
    prune: unsupported,
    rootfs: async (id) => ({ layers: [], config: images.find((image) => image.id === id)?.config ?? NO_CONFIG }),
    machine: unsupported,
    rescueBoot: unsupported,
    iso: unsupported,
    setUsers: () => {},
    doctor: async () => [],
    onChange: () => {},
  };
}
