import { describe, expect, it } from 'vitest';
import { findImage } from './lookup.ts';
import { displaced, isDisplaced } from './naming.ts';
import type { ImageRecord } from './records.ts';

function record(digit: string, names: string[], builder: string | null = null): ImageRecord {
  const more = { createdAt: 0, sizeBytes: 1, origin: '', architecture: 'amd64', config: null, layers: [], disk: null };
  return { version: 1, id: `sha256:${digit.repeat(64)}`, names, kind: 'rootfs', builder, ...more };
}

describe('a name that is taken over', () => {
  const taker = record('a', ['web:1']);

  it('leaves an import a name of its own', () => {
    const [change] = displaced(taker, [taker, record('b', ['web:1']), record('c', ['db:1'])], () => ['guest']);
    expect(change).toMatchObject({ keep: { names: ['web:1-bbbbbbbbbbbb'] } });
    expect(isDisplaced(record('b', ['web:1-bbbbbbbbbbbb']))).toBe(true);
    expect(isDisplaced(record('b', ['web:1-bbbbbbbbbbbb', 'web:2']))).toBe(false);
    expect(isDisplaced(record('c', ['web:1-bbbbbbbbbbbb']))).toBe(false);
  });

  it('leaves the other names of an image alone', () => {
    expect(displaced(taker, [record('b', ['web:1', 'web:2'])], () => [])).toMatchObject([
      { keep: { names: ['web:2'] } },
    ]);
  });

  it('clears away an unused earlier build, never one in use', () => {
    const built = record('a', ['debian:12'], 'debian:12');
    const older = record('b', ['debian:12'], 'debian:12');
    expect(displaced(built, [older], () => [])).toEqual([{ erase: older.id }]);
    expect(displaced(built, [older], () => ['guest'])).toMatchObject([{ keep: { names: ['debian:12-bbbbbbbbbbbb'] } }]);
  });
});

describe('findImage', () => {
  const all = [record('a', ['busybox:latest']), record('b', ['debian:12', 'deb:latest'])];

  it('knows names, further names, ids and prefixes', () => {
    for (const ref of ['debian:12', 'deb', 'bbbbbb', `sha256:${'b'.repeat(64)}`])
      expect(findImage(all, ref)).toBe(all[1]);
  });

  it('answers with something near, or what to do', () => {
    const hint = (ref: string, records = all) => {
      try {
        findImage(records, ref);
      } catch (error) {
        return (error as { hint: string }).hint;
      }
    };
    expect(hint('busyboks')).toMatch(/Did you mean busybox:latest/);
    expect(hint('bbbbb')).toMatch(/busybox:latest, debian:12/);
    expect(hint('anything', [])).toMatch(/image build busybox/);
    expect(hint('debian', [])).toMatch(/image build debian:12/);
  });
});
