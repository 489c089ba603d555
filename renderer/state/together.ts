/**
 * What the engine says comes one message after the other, and the window is brought up to date once for all that came
 * within a moment: nobody sees more than that, and each time costs as much as the rows in sight.
 */

/** So long it is gathered (ms): too short to be felt, and twenty times a second is as fast as anybody reads. */
const TOGETHER_MS = 30;
/** Without pictures (the window is covered or in the background) this much later at the latest (ms). */
const UNSEEN_MS = 100;

const waiting = new Set<() => void>();
let frame = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Runs `enter` once, just before one of the next pictures, together with all others that were asked for until then. */
export function beforePicture(enter: () => void): void {
  if (waiting.size === 0) timer = setTimeout(gathered, TOGETHER_MS);
  waiting.add(enter);
}

function gathered(): void {
  frame = requestAnimationFrame(run);
  timer = setTimeout(run, UNSEEN_MS);
}

function run(): void {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  const now = [...waiting];
  waiting.clear();
  for (const enter of now) enter();
}
