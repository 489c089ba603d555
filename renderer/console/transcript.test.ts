import { describe, expect, it } from 'vitest';
import { textOf } from './transcript.ts';

const bufferOf = (...rows: [text: string, isWrapped?: boolean][]) => ({
  length: rows.length,
  getLine: (y: number) => {
    const row = rows[y];
    return (
      row && { isWrapped: row[1] ?? false, translateToString: (trim?: boolean) => (trim ? row[0].trimEnd() : row[0]) }
    );
  },
});

describe('the text of a terminal', () => {
  it('has no padding', () => expect(textOf(bufferOf(['# ls  '], ['bin   '], ['      ']))).toBe('# ls\nbin\n'));
  it('makes broken lines whole, with the spaces in them', () =>
    expect(textOf(bufferOf(['abc  '], ['def  ', true], ['g    ', true], ['next ']))).toBe('abc  def  g\nnext\n'));
  it('is nothing when nothing is shown', () => expect(textOf(bufferOf(['  '], ['  ']))).toBe(''));
});
