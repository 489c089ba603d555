import { expect, test } from 'vitest';
import type { GuestSpec } from '../../contract/guest.ts';
import { composeDocument, parseDocument } from './document.ts';
import { freeName } from './free-name.ts';

const hex = 'a'.repeat(64);
const guest = { name: 'web', isolation: 'container', image: 'busybox', env: { A: 'b' } } as unknown as GuestSpec;
const parts = { guest, image: null, iso: null, data: { kind: 'layer', hex, sizeBytes: 1 }, volumes: [] } as const;
const changed = (change: Record<string, unknown>) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(composeDocument({ ...parts, volumes: [] }).toString()), ...change }));

test('says back what was put in', () => {
  expect(parseDocument(changed({}))).toMatchObject({ ...parts, version: 1, format: 'guesthouse-guest' });
});

test.each([
  ['a later version', { version: 3, new: true }, 'newer'],
  ['an unknown field', { more: 1 }, 'wrong'],
  ['a digest that is a path', { data: { ...parts.data, hex: '../../etc/passwd' } }, 'data.hex'],
  ['a negative size', { data: { ...parts.data, sizeBytes: -1 } }, 'data.sizeBytes'],
  [
    'a volume that is a path',
    { volumes: [{ name: '../x', target: null, labels: {}, hex, sizeBytes: 1 }] },
    'volumes.0',
  ],
  [
    'a volume in the place of the root',
    { volumes: [{ name: null, target: '/', labels: {}, hex, sizeBytes: 1 }] },
    'volumes.0',
  ],
  [
    'a volume that climbs',
    { volumes: [{ name: null, target: '/a/../..', labels: {}, hex, sizeBytes: 1 }] },
    'volumes.0',
  ],
  ['too many volumes', { volumes: Array.from({ length: 201 }, () => null) }, 'volumes'],
  ['a spec of another shape', { guest: { ...guest, memoryMib: 'all' } }, 'memoryMib'],
  ['a spec that asks for more', { guest: { ...guest, sudo: true } }, 'not known here'],
  ['no guest', { guest: null }, 'not known here'],
])('refuses %s', (_, change, why) => {
  expect(() => parseDocument(changed(change))).toThrow(
    expect.objectContaining({ code: 'bad-data', message: expect.stringContaining(why) }),
  );
});

test.each(['', '{', 'null', '[]', '"x"'])('refuses %j', (text) => {
  expect(() => parseDocument(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'bad-data' }));
});

test('an image never takes a name that is taken', () => {
  const images = [{ name: 'debian:12', aliases: ['debian:stable'] }];
  expect(freeName('debian:13', images)).toBe('debian:13');
  expect(freeName('debian:12', images)).toBe('debian:12-2');
  expect(freeName('debian:stable', [...images, { name: 'debian:stable-2', aliases: [] }])).toBe('debian:stable-3');
  expect(freeName('host:5000/app', images)).toBe('host:5000/app:latest');
  expect(freeName(`app@sha256:${hex}`, images)).toBe('app:latest');
});
