/** Cleaning up: first asks the engine what would go, then the person, then does it. */
import { type CallName, type Pruned, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { storeTrouble } from './store-trouble.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** `left`: of the images' store, what only saves time. */
export type Prunable = 'images' | 'volumes' | 'networks' | 'left';
const CALL = {
  images: 'images.prune',
  volumes: 'volumes.prune',
  networks: 'networks.prune',
  left: 'images.prune',
} as const satisfies Record<Prunable, CallName>;
const wish = (what: Prunable) => (what === 'left' ? { left: true } : {});
/** Where what goes wrong is told. */
const troubleOf = (what: Prunable) => storeTrouble[what === 'left' ? 'images' : what];

export function pruneCommand(what: Prunable): Command {
  const text = m.prune;
  return command({
    id: `${what}.prune`,
    title: text[what],
    icon: 'broom',
    why: engine.link === 'open' ? null : m.guests.offline,
    words: 'prune unused delete',
    run: async () => {
      const would = await troubleOf(what).during(() => engine.call(CALL[what], { dryRun: true, ...wish(what) }));
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
        const done = await engine.call(CALL[what], wish(what));
        toasts.show(text.done(done.removed.length, done.freedBytes));
      } catch (thrown) {
        troubleOf(what).report(toErrorShape(thrown));
      }
    },
  });
}
