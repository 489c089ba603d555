/** Calls about networks. */
import type { CallsOf, Rooms } from './rooms.ts';

export function networkCalls({ networks, operations }: Rooms): CallsOf<'networks'> {
  return {
    'networks.list': async () => networks.list(),
    'networks.create': ({ draft }) => networks.create(draft),
    'networks.remove': async ({ network }) => {
      await networks.remove(network);
      return null;
    },
    'networks.prune': ({ dryRun = false }) =>
      dryRun
        ? networks.prune(true)
        : operations.run({ verb: 'prune', targetId: null, target: 'networks', cancellable: false }, () =>
            networks.prune(false),
          ),
  };
}
