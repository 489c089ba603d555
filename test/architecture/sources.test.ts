/** What every file of the project keeps to. Each rule is a fact about the text; taste is left to people. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ownSources } from './sources.ts';

/** Lines. Most files are far below; one above holds more than one thing. */
const MAX_LINES = 350;
/** Long by nature: tables of tests, one after the other. */
const MAX_TEST_LINES = 700;
/** These words in a file's name say nothing about what is in it. */
const EMPTY_NAMES = /(^|[-_.])(utils?|helpers?|managers?|misc|common|stuff)([-_.]|$)/i;
/** Work that waits belongs to an issue, where somebody finds it. Assembled, so that this file keeps to its own rule. */
const WAITING = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['X', 'XX'].join('')})\\b`);
/** Hosts of registries and mirrors: which one is used is the machine's configuration, never ours. */
const REGISTRY =
  /registry\.npmjs\.org|npmmirror\.com|registry-1\.docker\.io|quay\.io|ghcr\.io|deb\.debian\.org|archive\.ubuntu\.com/;

const all = ownSources();
const code = (all ?? []).filter(({ path }) => /\.(ts|js|cjs|svelte)$/.test(path));

describe('every file', () => {
  beforeEach(({ skip }) => {
    if (all === null) skip('this folder is no git checkout');
  });

  test('is found', () => expect(code.length).toBeGreaterThan(50));

  test('is short enough to hold one thing', () => {
    const long = code
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > (/\.test\.ts$/.test(path) ? MAX_TEST_LINES : MAX_LINES));
    expect(long).toEqual([]);
  });

  test('has a name that says what is in it', () => {
    const empty = code.filter(({ path }) => EMPTY_NAMES.test((path.split('/').pop() ?? '').replace(/\.\w+$/, '')));
    expect(empty.map(({ path }) => path)).toEqual([]);
  });

  test('leaves no note about work that waits', () => {
    expect(linesWith(WAITING)).toEqual([]);
  });

  test('names no registry and no mirror', () => {
    expect(linesWith(REGISTRY, ({ path }) => path === 'test/architecture/sources.test.ts')).toEqual([]);
  });

  test('names no folder of the machine it was written on', () => {
    expect(
      linesWith(/\/work\/(main|shared|\.library)\b/, ({ path }) => path === 'test/architecture/sources.test.ts'),
    ).toEqual([]);
  });
});

function linesWith(what: RegExp, isExempt: (source: { path: string }) => boolean = () => false): string[] {
  return (all ?? [])
    .filter((source) => !isExempt(source))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => (what.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 80)}`] : [])),
    );
}
