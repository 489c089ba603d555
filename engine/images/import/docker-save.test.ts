import { describe, expect, it } from 'vitest';
import { parseDockerManifest } from './docker-save.ts';

const parse = (value: unknown) => parseDockerManifest(Buffer.from(JSON.stringify(value)));
const HEX = 'a'.repeat(64);

describe('parseDockerManifest', () => {
  it('reads the old and the new form', () => {
    expect(parse([{ Config: `${HEX}.json`, RepoTags: ['web:1'], Layers: ['x/layer.tar'] }])).toEqual({
      config: `${HEX}.json`,
      configDigest: HEX,
      layers: [{ member: 'x/layer.tar', digest: null, sizeBytes: null }],
      names: ['web:1'],
    });
    expect(parse([{ Config: `blobs/sha256/${HEX}`, RepoTags: null, Layers: [`blobs/sha256/${HEX}`] }])).toMatchObject({
      configDigest: HEX,
      layers: [{ digest: HEX }],
      names: [],
    });
  });

  it('refuses everything else', () => {
    for (const value of [null, {}, [], [1, 2], [{}], [{ Config: '../x', Layers: [] }], [{ Config: 'a', Layers: [7] }]])
      expect(() => parse(value), JSON.stringify(value)).toThrow(expect.objectContaining({ code: 'bad-data' }));
    expect(() => parseDockerManifest(Buffer.from('{'))).toThrow(/not JSON/);
    expect(() =>
      parse([
        { Config: 'a', Layers: [] },
        { Config: 'b', Layers: [] },
      ]),
    ).toThrow(/2 images/);
  });
});
