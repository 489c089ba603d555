/** Everything the window knows, in one import. */
export { setConsoleOpener } from './consoles.ts';
export { house } from './house.svelte.ts';
export { layout } from './layout.svelte.ts';
export { moment } from './moment.svelte.ts';
export { now } from './now.svelte.ts';
export { route } from './route.svelte.ts';
export { SPARK_SECONDS, samples } from './samples.svelte.ts';
