import { describe, expect, it } from 'vitest';
import { endOverlap, liveAfterLog } from './live-after-log.ts';

/** What is shown of live pieces after this log, and at the end of the wait. */
function shown(log: string, arrived: number, ...pieces: string[]): string[] {
  const join = liveAfterLog(Buffer.from(log), arrived);
  const said = pieces.map((piece) => Buffer.from(join.add(Buffer.from(piece))).toString());
  return [...said, Buffer.from(join.settle()).toString()];
}

describe('live after the log', () => {
  it('shows no byte that had arrived before the log was read', () => {
    expect(shown('o39\no40', 4, '\no40', '\no41')).toEqual(['', '\no41', '']);
    expect(shown('o39\no40', 4, '\n', 'o40', '\n')).toEqual(['', '', '\n', '']);
    expect(shown('x', 4, 'ab', 'cdef')).toEqual(['', 'ef', '']);
  });

  it('shows no byte that was on its way, in however many pieces it comes', () => {
    expect(shown('o39\no40', 0, 'o40', '\n')).toEqual(['', '\n', '']);
    expect(shown('o39\no40', 0, '\n', 'o40', '\no41')).toEqual(['', '', '\no41', '']);
    expect(shown('one\ntwo\n', 0, 'two', '\nthree')).toEqual(['', 'three', '']);
  });

  it('shows what is new at once, and what only looked as if it was known after the wait', () => {
    expect(shown('o39\no40', 0, 'o41')).toEqual(['o41', '']);
    expect(shown('', 0, 'a', 'a')).toEqual(['a', 'a', '']);
    expect(shown('a\nb', 0, '\n')).toEqual(['', '\n']);
    expect(shown('a\nb', 0, '\n', 'c')).toEqual(['', '\nc', '']);
  });

  it('goes on undisturbed after the wait', () => {
    const join = liveAfterLog(Buffer.from('same'), 0);
    join.settle();
    expect(Buffer.from(join.add(Buffer.from('same'))).toString()).toBe('same');
  });
});

it.each([
  ['abc', 'cde', 1],
  ['abc', 'abc', 3],
  ['abc', 'xyz', 0],
  ['', 'abc', 0],
  ['aaa', 'aaaa', 3],
])('what ends %j and begins %j is seen once: %i bytes', (before, after, length) => {
  expect(endOverlap(Buffer.from(before), Buffer.from(after))).toBe(length);
});
