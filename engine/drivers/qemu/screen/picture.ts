/** A picture of a machine's screen: read as QEMU writes it (PPM), made smaller, written as PNG. */
import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import { GuesthouseError } from '../../../contract/errors.ts';

/** Three bytes (red, green, blue) for each pixel, row by row from the top left. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** More than any display QEMU emulates; what claims to be larger is no picture of one (pixels a side). */
const MAX_SIDE = 8192;

const compress = promisify(deflate);

/** Reads a binary PPM (`P6`, netpbm's ppm(5)) with one byte a colour. Throws `bad-data`. */
export function readPpm(bytes: Uint8Array): Picture {
  const head = /^P6\s(?:#[^\n]*\n)*(\d{1,5})\s(\d{1,5})\s255\s/.exec(
    Buffer.from(bytes.subarray(0, 256)).toString('latin1'),
  );
  const [width, height] = [Number(head?.[1]), Number(head?.[2])];
  if (!head || !(width > 0 && width <= MAX_SIDE && height > 0 && height <= MAX_SIDE)) throw notAPicture();
  const rgb = bytes.subarray(head[0].length, head[0].length + width * height * 3);
  if (rgb.length !== width * height * 3) throw notAPicture();
  return { width, height, rgb };
}

/** The same picture with at most so many pixels a row, each the mean of those it stands for. */
export function shrink(picture: Picture, maxWidth: number): Picture {
  if (picture.width <= maxWidth) return picture;
  const width = Math.max(1, Math.floor(maxWidth));
  const height = Math.max(1, Math.round((picture.height * width) / picture.width));
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = span(y, height, picture.height);
    for (let x = 0; x < width; x++) {
      const [left, right] = span(x, width, picture.width);
      const count = (bottom - top) * (right - left);
      for (let colour = 0; colour < 3; colour++) {
        let sum = 0;
        for (let row = top; row < bottom; row++)
          for (let column = left; column < right; column++)
            sum += picture.rgb[(row * picture.width + column) * 3 + colour] as number;
        rgb[(y * width + x) * 3 + colour] = sum / count;
      }
    }
  }
  return { width, height, rgb };
}

/** Which pixels of `of` the one at `at` of `count` stands for: from, to (never empty). */
function span(at: number, count: number, of: number): [number, number] {
  const from = Math.floor((at * of) / count);
  return [from, Math.max(from + 1, Math.floor(((at + 1) * of) / count))];
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const FILTER_NONE = 0;

/** As a PNG (W3C PNG, third edition): eight bits a colour, no transparency, rows unfiltered. */
export async function writePng({ width, height, rgb }: Picture): Promise<Uint8Array> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, truecolour; deflate, adaptive filters, not interlaced.
  header.set([8, 2, 0, 0, 0], 8);
  const stride = width * 3;
  const rows = Buffer.alloc(height * (stride + 1), FILTER_NONE);
  for (let y = 0; y < height; y++) rows.set(rgb.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  // Screens are mostly flat: more effort makes them hardly smaller.
  const packed = await compress(rows, { level: 3 });
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', packed), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)]);
}

function notAPicture(): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: 'QEMU gave no picture of the screen.',
    hint: 'Try again; if it stays so, restart the guest.',
  });
}
