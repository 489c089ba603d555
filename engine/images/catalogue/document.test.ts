import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDocument } from './document.ts';

const image = {
  name: 'x-cloud-amd64',
  title: 'X',
  distribution: 'other',
  version: '1',
  architecture: 'x86_64',
  kind: 'cloud',
  vendor: 'x',
  path: 'latest/x.qcow2',
  sums: ['latest/SHA256SUMS'],
};
const withImage = (change: object) => JSON.stringify({ version: 1, images: [{ ...image, ...change }] });

describe('ours', () => {
  const text = readFileSync(new URL('../../../assets/catalogue/catalogue.json', import.meta.url), 'utf8');
  const ours = parseDocument(text, 'ours');

  test('is one, names no address, and has every system that media are known of', () => {
    expect(text).not.toMatch(/https?:|www\.|\.(org|com|net)\b/);
    const systems = new Set(ours.images.map(({ distribution }) => distribution));
    for (const name of ['debian', 'ubuntu', 'fedora', 'arch', 'alpine', 'opensuse', 'freebsd', 'openbsd', 'netbsd'])
      expect(systems).toContain(name);
  });

  test('has one image of a name, each of a vendor that is there; whose word is signed has keys', () => {
    const names = ours.images.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, vendor, signature } of ours.images) {
      expect(ours.vendors[vendor], name).toBeDefined();
      if (signature) expect(ours.vendors[vendor]?.keys.length, name).toBeGreaterThan(0);
    }
  });
});

test.each([
  ['a way up', { path: '../x.qcow2' }],
  ['a way up within', { path: 'a/../../x.qcow2' }],
  ['an absolute path', { path: '/etc/passwd' }],
  ['another host', { path: '//evil.example/x' }],
  ['a star in a folder', { path: '*/x.qcow2' }],
  ['a star in the checksums', { sums: ['SUMS*'] }],
  ['a name that is no image’s', { name: 'X/../y' }],
  ['a word nobody knows', { colour: 'red' }],
])('%s is refused', (_, change) => {
  expect(() => parseDocument(withImage(change), 'a file')).toThrow(/is no catalogue/);
});

test('what is no JSON, or of a later form, is refused', () => {
  expect(() => parseDocument('{', 'a file')).toThrow(/is no catalogue/);
  expect(() => parseDocument('{"version": 2}', 'a file')).toThrow(/is no catalogue/);
});
