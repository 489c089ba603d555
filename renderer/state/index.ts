/** Everything the window knows, in one import. */
import { house } from './house.svelte.ts';
import { samples } from './samples.svelte.ts';

export { setConsoleOpener } from './consoles.ts';
export { house } from './house.svelte.ts';
export { layout } from './layout.svelte.ts';
export { route } from './route.svelte.ts';
export { SPARK_SECONDS, samples } from './samples.svelte.ts';

/** Begins to listen to the engine; once, at start. */
export function startFeeds(): void {
  house.start();
  samples.start();
}
