/** What the picture to save needs to know of each strip that is shown. */
import { tickLabel } from './axis.ts';
import { highestOf, linesFor, type Subject } from './lines.ts';
import { m } from './messages.ts';
import type { PictureStrip } from './picture.ts';
import { yOf } from './strip.ts';
import { type StripKind, unitText, type Whole } from './strips.ts';

export function stripPictures(
  strips: readonly StripKind[],
  subjects: readonly Subject[],
  canvases: readonly (HTMLCanvasElement | undefined)[],
  plot: { readonly width: number; readonly from: number; readonly to: number },
  whole: Whole,
): PictureStrip[] {
  const main = subjects[0]?.track;
  if (!main) return [];
  const track = subjects.length === 1 ? main : { ...main, memoryLimitBytes: null };
  return strips.flatMap((kind, i) => {
    const canvas = canvases[i];
    if (!canvas) return [];
    const lines = linesFor(kind, subjects, whole.host);
    const axis = kind.axis(highestOf(lines), track);
    const frame = { ...plot, height: canvas.clientHeight, max: axis.max };
    const labels = axis.ticks.map((tick) => ({ text: tickLabel(axis, tick), y: yOf(frame, tick) }));
    const names = lines.map(({ label }) => label).join(', ');
    return [{ title: `${m.titles[kind.key]}, ${unitText(kind, axis, track, whole)}: ${names}`, canvas, labels }];
  });
}
