/** A sparkline for a row of the list: one minute of CPU, drawn at any place of a canvas shared by all rows. */
import { withAlpha } from '../ui/resolved-colours.ts';

export const SPARK_TOKENS = ['--series-1'] as const;
export type SparkColours = Record<(typeof SPARK_TOKENS)[number], string>;

export interface SparkBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `--w-spark` and `--h-spark` of renderer/ui/tokens.css: to ask each canvas would lay the page out once per row. */
export const SPARK_PX = { width: 60, height: 14 };

const LINE_PX = 1.25;
const FILL = 0.14;

/** Whether there is anything to draw: two neighbours that are known. */
export const isLine = (values: readonly (number | null)[]): boolean =>
  values.some((value, at) => value !== null && (values[at + 1] ?? null) !== null);

/**
 * Draws into CSS pixels of the context. `values`: 0 to `max`, oldest first, null where nothing is known; they end at
 * the right edge, `slots` of them fill the box.
 */
export function drawSparkline(
  context: CanvasRenderingContext2D,
  box: SparkBox,
  values: readonly (number | null)[],
  slots: number,
  colours: SparkColours,
  max = 100,
): void {
  const step = box.width / Math.max(1, slots - 1);
  const bottom = box.y + box.height;
  // Half a pixel above and below for the line's own width.
  const room = box.height - 1;
  const x = (index: number) => box.x + box.width - (values.length - 1 - index) * step;
  const y = (value: number) => bottom - 0.5 - (Math.min(max, Math.max(0, value)) / max) * room;
  context.lineWidth = LINE_PX;
  context.lineJoin = 'round';
  context.strokeStyle = colours['--series-1'];
  context.fillStyle = withAlpha(colours['--series-1'], FILL);
  for (let at = Math.max(0, values.length - slots); at < values.length; at++) {
    if (values[at] === null) continue;
    const begin = at;
    context.beginPath();
    while (at < values.length && values[at] !== null) {
      context.lineTo(x(at), y(values[at] as number));
      at++;
    }
    if (at - begin < 2) continue;
    context.stroke();
    context.lineTo(x(at - 1), bottom);
    context.lineTo(x(begin), bottom);
    context.fill();
  }
}
