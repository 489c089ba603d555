/** All strips in one PNG, with titles and the time axis, in the theme that is shown. */
import type { TimeTicks } from './axis.ts';
import { m } from './messages.ts';

export interface PictureStrip {
  readonly title: string;
  readonly canvas: HTMLCanvasElement;
  /** Labels of the value axis, y in CSS pixels of the canvas. */
  readonly labels: readonly { readonly text: string; readonly y: number }[];
}

export interface PictureColours {
  readonly ground: string;
  readonly text: string;
  readonly label: string;
}

const MARGIN_PX = 16;
const TITLE_PX = 28;
/** From the foot of one strip to the title of the next. */
const TITLE_GAP_PX = 10;
const AXIS_PX = 20;
/** Room for the value axis. */
const LABELS_PX = 48;
const LABEL_GAP_PX = 6;

export function toPicture(
  heading: string,
  strips: readonly PictureStrip[],
  ticks: TimeTicks,
  span: { readonly from: number; readonly to: number },
  colours: PictureColours,
  font: string,
): Promise<Blob | null> {
  const ratio = devicePixelRatio || 1;
  const width = Math.max(...strips.map(({ canvas }) => canvas.width / ratio));
  const heights = strips.map(({ canvas }) => canvas.height / ratio + TITLE_PX);
  const total = heights.reduce((sum, height) => sum + height, 0);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round((width + LABELS_PX + 2 * MARGIN_PX) * ratio);
  canvas.height = Math.round((total + 2 * MARGIN_PX + TITLE_PX + AXIS_PX) * ratio);
  const context = canvas.getContext('2d');
  if (!context) return Promise.resolve(null);
  context.scale(ratio, ratio);
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = font;
  context.textBaseline = 'top';
  context.fillStyle = colours.text;
  context.fillText(heading, MARGIN_PX, MARGIN_PX);
  let top = MARGIN_PX + TITLE_PX;
  strips.forEach((strip, i) => {
    const left = MARGIN_PX + LABELS_PX;
    context.fillStyle = colours.text;
    context.fillText(strip.title, MARGIN_PX, top + TITLE_GAP_PX);
    context.drawImage(strip.canvas, left, top + TITLE_PX, strip.canvas.width / ratio, strip.canvas.height / ratio);
    context.fillStyle = colours.label;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (const { text, y } of strip.labels) context.fillText(text, left - LABEL_GAP_PX, top + TITLE_PX + y);
    context.textAlign = 'left';
    context.textBaseline = 'top';
    top += heights[i] as number;
  });
  context.fillStyle = colours.label;
  context.textAlign = 'center';
  for (const time of ticks.times) {
    const x = MARGIN_PX + LABELS_PX + ((time - span.from) / (span.to - span.from)) * width;
    context.fillText(m.tick(time, ticks), x, top + 4);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
