/** Calls about images. */
import type { CallArgs } from '../contract/api.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { Image } from '../contract/image.ts';
import { committedConfig } from '../guests/committed-config.ts';
import type { Entry } from '../guests/entry.ts';
import { whileHeld } from '../guests/held.ts';
import type { CallsOf, Rooms } from './rooms.ts';

export function imageCalls(rooms: Rooms): CallsOf<'images'> {
  const { images, operations, guests } = rooms;
  return {
    'images.list': async () => images.list(),
    'images.build': ({ builder }) =>
      operations.run({ verb: 'build-image', targetId: null, target: builder, cancellable: true }, (operation) =>
        images.build(builder, operation),
      ),
    'images.import': ({ path, name }) =>
      operations.run({ verb: 'import-image', targetId: null, target: name ?? path, cancellable: true }, (operation) =>
        images.import(path, name, operation),
      ),
    'images.pull': ({ reference, insecure, registry }) =>
      operations.run({ verb: 'pull-image', targetId: null, target: reference, cancellable: true }, (operation) =>
        images.pull(reference, { insecure: insecure ?? false, registry }, operation),
      ),
    'images.tags': async ({ repository, insecure }) => {
      const { tagsOf } = await import('../images/registry/index.ts');
      return tagsOf(rooms.paths.home, repository, { insecure: insecure ?? false });
    },
    'images.catalogue': async () => images.catalogue(),
    'images.fetch': ({ name }) =>
      operations.run({ verb: 'fetch-image', targetId: null, target: name, cancellable: true }, (operation) =>
        images.fetch(name, operation),
      ),
    'images.setMirror': async ({ vendor, address }) => {
      await images.setMirror(vendor, address);
      return images.catalogue();
    },
    'images.remove': async ({ image }) => {
      const { id, name } = images.get(image);
      await operations.run({ verb: 'remove-image', targetId: id, target: name, cancellable: false }, () =>
        images.remove(image),
      );
      return null;
    },

    'images.tag': ({ image, name }) => images.tag(image, name),
    'images.save': ({ images: refs, path, format }) =>
      operations.run({ verb: 'save-image', targetId: null, target: refs.join(', '), cancellable: true }, (operation) =>
        images.save(refs, path, format ?? 'docker', operation),
      ),
    'images.commit': async ({ guest, ...wish }) => {
      const entry = guests.entry(guest);
      const make = () => commit(rooms, entry, wish);
      return whileHeld(entry, 'commit', () => ((wish.pause ?? true) ? guests.standStill(entry, make) : make()));
    },
    'images.buildContainer': (wish) =>
      operations.run({ verb: 'build-image', targetId: null, target: wish.name, cancellable: true }, (operation) =>
        images.buildContainer(wish, operation),
      ),
    'images.prune': ({ dryRun = false, keepNamed = false, left = false }) =>
      operations.run({ verb: 'prune', targetId: null, target: 'images', cancellable: false }, () =>
        images.prune(dryRun, left ? 'left' : keepNamed ? 'nameless' : 'unused'),
      ),
  };
}

function commit(
  { images, operations }: Rooms,
  { manifest, driver }: Entry,
  { name, command, comment }: Omit<CallArgs<'images.commit'>, 'guest'>,
): Promise<Image> {
  const { id, imageId, spec } = manifest;
  if (!driver.layer || imageId === null)
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${spec.name} is a machine: its disk has no layer that could become an image.`,
      subject: spec.name,
      hint: 'Clone it, or export it as a file.',
    });
  const layerOf = driver.layer.bind(driver);
  return operations.run({ verb: 'commit', targetId: id, target: spec.name, cancellable: true }, async (operation) => {
    const { config } = await images.rootfs(imageId);
    const layer = layerOf(manifest, { signal: operation.signal });
    const made = { name, guest: spec.name, layer, config: committedConfig(config, spec, command) };
    return images.commit(imageId, { ...made, comment: comment ?? '' }, operation);
  });
}
