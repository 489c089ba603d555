import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseManifest, selectPlatform } from './manifest.ts';

const OCI = 'application/vnd.oci.image';
const HEX = 'b'.repeat(64);
const digest = `sha256:${HEX}`;
const config = { mediaType: `${OCI}.config.v1+json`, digest, size: 7 };
const layer = { mediaType: `${OCI}.layer.v1.tar+gzip`, digest, size: 9 };
const good = { schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, config, layers: [layer] };
const entry = {
  mediaType: `${OCI}.manifest.v1+json`,
  digest,
  size: 5,
  platform: { os: 'linux', architecture: 'amd64' },
};
const parse = (json: unknown, type: string | undefined = undefined) =>
  parseManifest(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), type, 'x/web:1');
const expected = { manifest: { config: { hex: HEX, sizeBytes: 7 }, layers: [{ hex: HEX, sizeBytes: 9 }] } };

test('a manifest, however it is announced', () => {
  for (const type of [undefined, good.mediaType, `${good.mediaType}; charset=utf-8`, 'text/plain', 'application/json'])
    expect(parse(good, type)).toEqual(expected);
  const { mediaType, ...unnamed } = good;
  expect(parse(unnamed, mediaType)).toEqual(expected);
});

describe('refused', () => {
  const cases: Record<string, [unknown, string?]> = {
    'no JSON': ['<html>'],
    'no UTF-8': [Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1')],
    'a list': [[]],
    nothing: ['null'],
    'no version': [{ ...good, schemaVersion: undefined }],
    'a later version': [{ ...good, schemaVersion: 3 }],
    'both an index and a manifest': [{ ...good, manifests: [entry] }],
    'an index with a configuration': [{ schemaVersion: 2, manifests: [entry], config }],
    neither: [{ schemaVersion: 2 }],
    'a manifest called an index': [good, `${OCI}.index.v1+json`],
    'an index called a manifest': [{ schemaVersion: 2, manifests: [entry] }, good.mediaType],
    'two names': [{ ...good, mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }, good.mediaType],
    'no layers': [{ ...good, layers: 'x' }],
    'a layer that is text': [{ ...good, layers: ['x'] }],
    'a layer of null': [{ ...good, layers: [null] }],
    'a path for a digest': [{ ...good, layers: [{ ...layer, digest: 'sha256:../../../../etc/passwd' }] }],
    'capitals in a digest': [{ ...good, layers: [{ ...layer, digest: `sha256:${'B'.repeat(64)}` }] }],
    'a negative size': [{ ...good, layers: [{ ...layer, size: -1 }] }],
    'a size of half a byte': [{ ...good, layers: [{ ...layer, size: 0.5 }] }],
    'a size as text': [{ ...good, config: { ...config, size: '7' } }],
    'a size beyond counting': [{ ...good, layers: [{ ...layer, size: 2 ** 60 }] }],
    'an enormous layer': [{ ...good, layers: [{ ...layer, size: 2 ** 50 }] }],
    'an enormous configuration': [{ ...good, config: { ...config, size: 9_000_000 } }],
    'no configuration': [{ ...good, config: undefined }],
    'an empty index': [{ schemaVersion: 2, manifests: [] }],
    'an endless index': [{ schemaVersion: 2, manifests: Array.from({ length: 1001 }, () => entry) }],
  };
  test.each(Object.entries(cases))('%s', (_, [json, type]) =>
    expect(() => parse(json, type)).toThrow(
      expect.objectContaining({ name: 'GuesthouseError', code: expect.stringMatching(/bad-data|unsupported/) }),
    ),
  );

  test('by name: schema 1, artifacts, encrypted layers', () => {
    const unsupported = (why: RegExp) =>
      expect.objectContaining({ code: 'unsupported', message: expect.stringMatching(why) });
    expect(() => parse({ schemaVersion: 1, fsLayers: [] })).toThrow(unsupported(/schema 1/));
    expect(() => parse({ ...good }, 'application/vnd.docker.distribution.manifest.v1+prettyjws')).toThrow(
      unsupported(/schema 1/),
    );
    const chart = { ...good, config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' } };
    expect(() => parse(chart)).toThrow(unsupported(/helm/));
    const secret = { ...good, layers: [{ ...layer, mediaType: `${layer.mediaType}+encrypted` }] };
    expect(() => parse(secret)).toThrow(unsupported(/encrypted/));
  });

  test('whatever comes, in words', () => {
    const shaken = fc.oneof(
      fc.jsonValue(),
      fc.record({ schemaVersion: fc.constant(2), config: fc.jsonValue(), layers: fc.jsonValue() }),
      fc.record({ schemaVersion: fc.constant(2), manifests: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(shaken, (json) => {
        try {
          parse(json);
        } catch (error) {
          expect(error).toMatchObject({ name: 'GuesthouseError' });
        }
      }),
    );
  });
});

describe('the platform', () => {
  const one = (architecture: string, variant = '', os = 'linux', size = 1) => ({
    hex: HEX,
    sizeBytes: size,
    os,
    architecture,
    variant,
  });
  const select = (list: ReturnType<typeof one>[], architecture = 'amd64') =>
    selectPlatform(list, architecture, 'x').sizeBytes;

  test('is the one that runs everywhere on such a processor', () => {
    expect(select([one('arm64'), one('amd64', 'v3'), one('amd64', '', 'windows'), one('amd64', '', 'linux', 2)])).toBe(
      2,
    );
    expect(select([one('arm', 'v5'), one('arm', 'v7', 'linux', 2), one('arm', 'v6')], 'arm')).toBe(2);
    expect(select([one('amd64', '', 'linux', 2), one('amd64')])).toBe(2);
    expect(select([one('', '', '', 2), one('unknown', '', 'unknown')])).toBe(2);
  });

  test('is missing in words', () => {
    expect(() => select([one('amd64', 'v3'), one('s390x')])).toThrow(/only linux\/amd64\/v3, linux\/s390x/);
    expect(() => select([])).toThrow(/only nothing/);
  });
});
