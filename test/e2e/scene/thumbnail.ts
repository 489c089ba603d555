/** Pictures of screens made so small that only what a person would call another screen differs. */
import type { Page } from 'playwright-core';

/** Each cell is about as large as a button is high. */
export const CELLS = { across: 64, down: 40 } as const;
/** Steps of lightness that fonts, smoothing and versions of a browser may make (of 255). */
const STEP = 8;

/** Lightness of each cell, row by row, 0 to 255. */
export async function thumbnail(png: Buffer, helper: Page): Promise<Uint8Array> {
  const values = await helper.evaluate(
    async ({ png, across, down }) => {
      const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
      context.drawImage(picture, 0, 0);
      const { data, width, height } = context.getImageData(0, 0, picture.width, picture.height);
      const sums = new Float64Array(across * down);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const at = (y * width + x) * 4;
          const light = 0.3 * (data[at] ?? 0) + 0.59 * (data[at + 1] ?? 0) + 0.11 * (data[at + 2] ?? 0);
          const cell = Math.floor((y * down) / height) * across + Math.floor((x * across) / width);
          sums[cell] = (sums[cell] ?? 0) + light;
        }
      const area = (width * height) / (across * down);
      return [...sums].map((sum) => Math.round(sum / area));
    },
    { png: png.toString('base64'), ...CELLS },
  );
  return Uint8Array.from(values);
}

/** Share of the cells that differ, 0 to 1. */
export function difference(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) return 1;
  let off = 0;
  for (const [n, value] of one.entries()) if (Math.abs(value - (other[n] ?? 0)) > STEP) off++;
  return off / one.length;
}
