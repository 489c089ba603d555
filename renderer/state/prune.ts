/** Cleaning up: first asks the engine what would go, then the person, then does it. */
import { type CallName, type Pruned, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { storeTrouble } from './store-trouble.svelte.ts';
import { toasts } from './toasts.svelte.ts';

export type Prunable = 'images' | 'volumes' | 'networks';
const CALL = {
  images: 'images.prune',
  volumes: 'volumes.prune',
  networks: 'networks.prune',
} as const satisfies Record<Prunable, CallName>;

export function pruneCommand(what: Prunable): Command {
  const text = m.prune;
  return command({
    id: `${what}.prune`,
    title: text[what],
    icon: 'broom',
    why: engine.link === 'open' ? null : m.guests.offline,
    words: 'prune unused delete',
    run: async () => {
      const would = await storeTrouble[what].during(() => engine.call(CALL[what], { dryRun: true }));
      if (!would) return;
      if (would.removed.length === 0) toasts.show(text.nothing[what]);
      else ask(what, would);
    },
  });
}

function ask(what: Prunable, { removed, freedBytes }: Pruned): void {
  const text = m.prune;
  asking.ask({
    title: text.titles[what](removed.length),
    text: text.text(removed, freedBytes),
    keep: text.keep,
    yes: text.yes(freedBytes, removed.length),
    run: async () => {
      try {
        const done = await engine.call(CALL[what], {});
        toasts.show(text.done(done.removed.length, done.freedBytes));
      } catch (thrown) {
        storeTrouble[what].report(toErrorShape(thrown));
      }
    },
  });
}
