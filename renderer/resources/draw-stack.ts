/** Draws layers into a canvas in CSS pixels. */
import type { Axis } from '../graphs/axis.ts';
import { type Frame, xOf, yOf } from '../graphs/strip.ts';
import { withAlpha } from '../ui/resolved-colours.ts';
import type { Layer } from './stack.ts';

const FILL = 0.55;

export function drawStack(
  context: CanvasRenderingContext2D,
  frame: Frame,
  axis: Axis,
  times: readonly number[],
  layers: readonly Layer[],
  colours: { readonly layers: readonly string[]; readonly grid: string; readonly gap: string },
): void {
  const runs = runsOf(layers[0]?.bottom ?? []);
  context.fillStyle = colours.gap;
  context.fillRect(0, 1, frame.width, frame.height - 2);
  for (const [first, last] of runs) {
    const left = xOf(frame, times[first] as number);
    context.clearRect(left, 0, xOf(frame, times[last] as number) - left, frame.height);
  }
  context.strokeStyle = colours.grid;
  context.lineWidth = 1;
  for (const tick of axis.ticks) {
    const y = Math.round(yOf(frame, tick)) + 0.5;
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(frame.width, y);
    context.stroke();
  }
  layers.forEach((layer, index) => {
    const colour = colours.layers[index] as string;
    for (const [first, last] of runs) {
      context.beginPath();
      for (let at = first; at <= last; at++)
        context.lineTo(xOf(frame, times[at] as number), yOf(frame, layer.top[at] ?? 0));
      context.strokeStyle = colour;
      context.stroke();
      for (let at = last; at >= first; at--)
        context.lineTo(xOf(frame, times[at] as number), yOf(frame, layer.bottom[at] ?? 0));
      context.fillStyle = withAlpha(colour, FILL);
      context.fill();
    }
  });
}

/** First and last index of each stretch that is known. */
function runsOf(values: readonly (number | null)[]): [number, number][] {
  const runs: [number, number][] = [];
  values.forEach((value, at) => {
    if (value === null) return;
    const run = runs.at(-1);
    if (run && run[1] === at - 1) run[1] = at;
    else runs.push([at, at]);
  });
  return runs;
}
