import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChallenges } from './challenge.ts';

const parse = (header: string | undefined) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test.each<[string | undefined, unknown]>([
  [undefined, []],
  ['', []],
  ['Basic realm="x"', [['basic', { realm: 'x' }]]],
  [
    'Bearer realm="https://a.x/token",service="r.x",scope="repository:a/b:pull,push"',
    [['bearer', { realm: 'https://a.x/token', service: 'r.x', scope: 'repository:a/b:pull,push' }]],
  ],
  ['BEARER Realm = "a\\"b" , error=invalid_token', [['bearer', { realm: 'a"b', error: 'invalid_token' }]]],
  [
    'Negotiate, Basic realm="x", Bearer realm="y"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
      ['bearer', { realm: 'y' }],
    ],
  ],
  ['Bearer realm="one",realm="two"', [['bearer', { realm: 'one' }]]],
  ['Bearer realm="unended', [['bearer', {}]]],
  ['=x', []],
  ['realm="nobody\'s"', []],
])('%s', (header, expected) => expect(parse(header)).toEqual(expected));

test('anything at all ends soon', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (header) => Array.isArray(parse(header))));
  expect(parse(`${'a,'.repeat(100_000)}`).length).toBeLessThan(5000);
  expect(parse(`Bearer x="${'\\'.repeat(100_000)}`)).toEqual([['bearer', {}]]);
});
