/** Draws a strip into a canvas. What is where comes from `strip.ts`, colours from the tokens. */
import { withAlpha } from '../ui/resolved-colours.ts';
import type { Axis } from './axis.ts';
import { type Frame, gapsOf, type Run, runsOf, type Values, xOf, yOf } from './strip.ts';

export const CHART_TOKENS = [
  '--series-1',
  '--series-2',
  '--series-3',
  '--series-4',
  '--series-5',
  '--chart-grid',
  '--chart-limit',
  '--chart-gap',
  '--bg',
] as const;
export type ChartColours = Record<(typeof CHART_TOKENS)[number], string>;

export interface StripPicture {
  readonly frame: Frame;
  readonly axis: Axis;
  readonly lines: readonly {
    readonly times: readonly number[];
    readonly stepMs: number;
    readonly values: Values;
    readonly colour: number;
  }[];
  /** The second of a pair is dashed, and the first has its area filled; not where lines are of several guests. */
  readonly pair: boolean;
  /** Raw value of the limit's line, or null. */
  readonly limit: number | null;
}

const LINE_PX = 1.5;
const DASH_PX = [4, 2];
const LIMIT_DASH_PX = [4, 3];
/** Opacity of the area under the first line; `--series-fill` says the same for CSS. */
const FILL = 0.12;

export const seriesColour = (colours: ChartColours, index: number): string =>
  colours[SERIES_TOKENS[index % SERIES_TOKENS.length] as (typeof SERIES_TOKENS)[number]];

const SERIES_TOKENS = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5'] as const;

/** Sizes the canvas for the screen's pixels and clears it. Returns a context that draws in CSS pixels. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

export function drawStrip(context: CanvasRenderingContext2D, picture: StripPicture, colours: ChartColours): void {
  const { frame, axis, lines, pair, limit } = picture;
  context.fillStyle = colours['--chart-gap'];
  // Lines of one guest share their times; several guests have gaps of their own, seen in their lines.
  const [first] = lines;
  const gaps =
    first && pair
      ? gapsOf(
          first.times,
          lines.map(({ values }) => values),
          first.stepMs,
          frame,
        )
      : [];
  for (const [left, right] of gaps) {
    context.fillRect(left, 1, right - left, frame.height - 2);
  }
  context.lineWidth = 1;
  context.strokeStyle = colours['--chart-grid'];
  for (const tick of axis.ticks) horizontal(context, frame, tick);
  if (limit !== null && limit <= axis.max) {
    context.strokeStyle = colours['--chart-limit'];
    context.setLineDash(LIMIT_DASH_PX);
    horizontal(context, frame, limit);
    context.setLineDash([]);
  }
  context.lineWidth = LINE_PX;
  context.lineJoin = 'round';
  lines.forEach(({ times, stepMs, values, colour: index }) => {
    const colour = seriesColour(colours, index);
    const runs = runsOf(times, values, stepMs, frame);
    if (index === 0 && pair) {
      context.fillStyle = withAlpha(colour, FILL);
      for (const run of runs) area(context, run, frame.height - 1);
    }
    context.strokeStyle = colour;
    context.setLineDash(index === 1 && pair ? DASH_PX : []);
    for (const run of runs) line(context, run);
  });
  context.setLineDash([]);
}

/** Where the cursor's dots go; null where nothing is known. */
export const dotOf = (frame: Frame, time: number, value: number | null): { x: number; y: number } | null =>
  value === null ? null : { x: xOf(frame, time), y: yOf(frame, value) };

function horizontal(context: CanvasRenderingContext2D, frame: Frame, value: number): void {
  const y = Math.round(yOf(frame, value)) + 0.5;
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(frame.width, y);
  context.stroke();
}

function line(context: CanvasRenderingContext2D, run: Run): void {
  const [x = 0, y = 0] = run;
  context.beginPath();
  context.moveTo(x, y);
  // A lone sample between two gaps is still seen.
  if (run.length === 2) context.lineTo(x + 1, y);
  for (let i = 2; i < run.length; i += 2) context.lineTo(run[i] as number, run[i + 1] as number);
  context.stroke();
}

function area(context: CanvasRenderingContext2D, run: Run, bottom: number): void {
  context.beginPath();
  context.moveTo(run[0] as number, bottom);
  for (let i = 0; i < run.length; i += 2) context.lineTo(run[i] as number, run[i + 1] as number);
  context.lineTo(run[run.length - 2] as number, bottom);
  context.fill();
}
