/** Calls about images. */
import { type CallsOf, notYet, type Rooms } from './rooms.ts';

export function imageCalls({ images, operations }: Rooms): CallsOf<'images'> {
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
    'images.pull': ({ reference, insecure }) =>
      operations.run({ verb: 'pull-image', targetId: null, target: reference, cancellable: true }, (operation) =>
        images.pull(reference, { insecure: insecure ?? false }, operation),
      ),
    'images.remove': async ({ image }) => {
      const { id, name } = images.get(image);
      await operations.run({ verb: 'remove-image', targetId: id, target: name, cancellable: false }, () =>
        images.remove(image),
      );
      return null;
    },

    'images.tag': notYet('images.tag'),
    'images.save': notYet('images.save'),
    'images.commit': notYet('images.commit'),
    'images.buildContainer': notYet('images.buildContainer'),
    'images.prune': notYet('images.prune'),
  };
}
