import { expect, test } from 'vitest';
import { writeIso } from './write.ts';

const at = new Date('2026-01-02T03:04:05Z');
const file = (name: string, text = name) => ({ name, content: Buffer.from(text) });

test('writes both trees and the files once', () => {
  const iso = writeIso({ label: 'CIDATA', at, files: [file('user-data', 'hello'), file('meta-data')] });
  expect(iso.length % 2048).toBe(0);
  const text = iso.toString('latin1');
  expect(text.slice(16 * 2048, 16 * 2048 + 6)).toBe('\x01CD001');
  expect(text.slice(17 * 2048, 17 * 2048 + 6)).toBe('\x02CD001');
  expect(text.slice(18 * 2048, 18 * 2048 + 6)).toBe('\xffCD001');
  expect(iso.readUInt32LE(16 * 2048 + 80)).toBe(iso.length / 2048);
  expect(text).toContain('user-data');
  expect(iso.includes(Buffer.from('user-data', 'utf16le').swap16())).toBe(true);
  expect(text.split('hello').length).toBe(2);
});

test('the same input gives the same bytes', () => {
  const volume = { label: 'CIDATA', at, files: [file('a'), file('b')] };
  expect(writeIso(volume).equals(writeIso(volume))).toBe(true);
});

test('refuses what does not fit', () => {
  const refused = (volume: Partial<Parameters<typeof writeIso>[0]>) =>
    expect(() => writeIso({ label: 'CIDATA', at, files: [], ...volume })).toThrow(/cannot be written/);
  refused({ label: 'small letters' });
  refused({ files: [file('a'), file('a')] });
  for (const name of ['', '..', 'a/b', 'a\0', 'a'.repeat(65)]) refused({ files: [file(name)] });
  refused({ files: Array.from({ length: 13 }, (_, index) => file(String(index))) });
  refused({ files: [{ name: 'a', content: new Uint8Array(17 * 1024 ** 2) }] });
});
