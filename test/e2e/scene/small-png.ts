/**
 * A screenshot with at most 256 colours, a third of the size: a window of lines and letters has few that matter.
 * Reads what Chromium writes (PNG, 8 bits, RGB or RGBA, not interlaced); after the PNG specification, third edition.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Colours are counted in steps of this many bits per channel, so that shades of one edge share an entry. */
const COARSE = 0xf8f8f8;

export function smallPng(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png);
  const palette = paletteOf(pixels);
  const index = new Map<number, number>();
  const nearest = (colour: number): number => {
    let best = index.get(colour);
    if (best !== undefined) return best;
    best = 0;
    let least = Infinity;
    palette.forEach((candidate, i) => {
      const distance = [16, 8, 0].reduce(
        (sum, bit) => sum + (((colour >> bit) & 255) - ((candidate >> bit) & 255)) ** 2,
        0,
      );
      if (distance < least) [best, least] = [i, distance];
    });
    index.set(colour, best);
    return best;
  };
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = nearest(pixels[y * width + x] as number);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The most frequent colour of each of the most frequent neighbourhoods. */
function paletteOf(pixels: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const groups = new Map<number, { colour: number; most: number; sum: number }>();
  for (const [colour, count] of counts) {
    const group = groups.get(colour & COARSE) ?? { colour, most: 0, sum: 0 };
    group.sum += count;
    if (count > group.most) [group.colour, group.most] = [colour, count];
    groups.set(colour & COARSE, group);
  }
  const flat = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 48)
    .map(([colour]) => colour);
  const shades = [...groups.values()].sort((a, b) => b.sum - a.sum).map(({ colour }) => colour);
  return [...new Set([...flat, ...shades])].slice(0, 256);
}

function decode(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const bytes = png[25] === 6 ? 4 : 3;
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(data));
  const stride = width * bytes;
  const pixels = new Uint32Array(width * height);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)] as number;
    const line = new Uint8Array(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let i = 0; i < stride; i++) {
      const left = i >= bytes ? (line[i - bytes] as number) : 0;
      const up = above[i] as number;
      const corner = i >= bytes ? (above[i - bytes] as number) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] as number;
      line[i] = (line[i] as number) + guess;
    }
    for (let x = 0; x < width; x++)
      pixels[y * width + x] =
        ((line[x * bytes] as number) << 16) | ((line[x * bytes + 1] as number) << 8) | (line[x * bytes + 2] as number);
    above = line;
  }
  return { width, height, pixels };
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
