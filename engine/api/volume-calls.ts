/** Calls about volumes. */
import type { CallsOf, Rooms } from './rooms.ts';

export function volumeCalls({ volumes, operations }: Rooms): CallsOf<'volumes'> {
  return {
    'volumes.list': async () => volumes.list(),
    'volumes.create': ({ name, labels = {} }) => volumes.create(name, labels),
    'volumes.inspect': ({ volume }) => volumes.inspect(volume),
    'volumes.remove': async ({ volume }) => {
      await volumes.remove(volume);
      return null;
    },
    'volumes.prune': ({ dryRun = false, keepNamed = false }) =>
      dryRun
        ? volumes.prune(true, keepNamed)
        : operations.run({ verb: 'prune', targetId: null, target: 'volumes', cancellable: false }, () =>
            volumes.prune(false, keepNamed),
          ),
  };
}
