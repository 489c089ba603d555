import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chordOf, typed } from './keys.ts';
import { readPpm, shrink, writePng } from './picture.ts';

const ppm = (width: number, height: number, pixels: readonly number[]) =>
  Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), Buffer.from(pixels)]);

describe('a picture of the screen', () => {
  it('is read, made smaller and written as PNG', async () => {
    const picture = readPpm(ppm(2, 2, [0, 0, 0, 100, 0, 0, 0, 200, 0, 100, 200, 40]));
    expect(picture).toMatchObject({ width: 2, height: 2 });
    expect(shrink(picture, 2)).toBe(picture);
    expect(shrink(picture, 1)).toEqual({ width: 1, height: 1, rgb: new Uint8Array([50, 100, 10]) });
    const png = Buffer.from(await writePng(picture));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 2]);
    const at = png.indexOf('IDAT');
    const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    expect([...rows]).toEqual([0, 0, 0, 0, 100, 0, 0, 0, 0, 200, 0, 100, 200, 40]);
  });

  it('that is none is refused', () => {
    for (const bytes of [
      Buffer.from(''),
      Buffer.from('P6\n0 1\n255\n'),
      Buffer.from('P6\n99999 99999\n255\n'),
      Buffer.from('P6\n2 2\n255\nabc'),
      Buffer.from('P5\n1 1\n255\nabc'),
    ])
      expect(() => readPpm(bytes)).toThrow('no picture');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          readPpm(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-data' });
        }
      }),
    );
  });
});

describe('keys', () => {
  it('are known by the names people use', () => {
    expect(chordOf('Ctrl-Alt-Del')).toEqual(['ctrl', 'alt', 'delete']);
    expect(chordOf('enter')).toEqual(['ret']);
    expect(chordOf('f12')).toEqual(['f12']);
    for (const wrong of ['', 'ctrl-', 'f13', 'ctrl-alt-bogus', '\n', 'a-b-c-d-e-f-g-h-i'])
      expect(() => chordOf(wrong)).toThrow('is not a key');
  });

  it('type a text', () => {
    expect(typed('aA1!\n"', 'us')).toEqual([
      ['a'],
      ['shift', 'a'],
      ['1'],
      ['shift', '1'],
      ['ret'],
      ['shift', 'apostrophe'],
    ]);
    for (let code = 0x20; code < 0x7f; code++) expect(typed(String.fromCharCode(code), 'us')).toHaveLength(1);
    expect(typed('zÄ@é', 'de')).toEqual([['y'], ['shift', 'apostrophe'], ['alt_r', 'q'], ['equal'], ['e']]);
    expect(typed('<>', 'de')).toEqual([['less'], ['shift', 'less']]);
    expect(() => typed('aäß', 'us')).toThrow('the keyboard us has no key for "ä", "ß"');
  });
});
