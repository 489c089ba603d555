/** The stretch of time charts show: a range just chosen stands for the former one only once it was read. */
import type { Feed } from './feed.svelte.ts';
import { holdUntil } from './hold.ts';
import type { Span } from './span.ts';

/** The former range stands no longer than this after another one was chosen (ms). */
const HOLD_MS = 250;

/**
 * `zoom`: shown instead of the range, at once. So each range is drawn once, with its own figures; if they are late, it is
 * shown without them. To be made while a component is.
 */
export function heldSpan(feed: () => Feed, zoom: () => Span | null, seconds: () => number): { readonly span: Span } {
  let late = $state(false);
  const wanted = $derived<Span>(zoom() ?? { from: feed().to - seconds() * 1000, to: feed().to });
  const fresh = $derived(zoom() !== null || feed().track !== null || feed().error !== null);
  const hold = holdUntil<Span>();
  const span = $derived(hold(wanted, fresh || late));
  $effect(() => {
    void feed();
    late = false;
    if (fresh) return;
    const timer = setTimeout(() => (late = true), HOLD_MS);
    return () => clearTimeout(timer);
  });
  return {
    get span() {
      return span;
    },
  };
}
