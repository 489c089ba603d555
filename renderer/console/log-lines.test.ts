import { describe, expect, it } from 'vitest';
import { findAll, LogReader, MAX_LINE, piecesOf } from './log-lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (...chunks: string[]) => {
  const reader = new LogReader();
  return { reader, lines: chunks.flatMap((chunk) => reader.push(bytes(chunk))) };
};

describe('log lines', () => {
  it('are put together over chunk borders, characters included', () => {
    const whole = bytes('grün ☂\nb');
    const reader = new LogReader();
    const lines = [...whole].flatMap((byte) => reader.push(Uint8Array.of(byte)));
    expect(lines.map((line) => line.text)).toEqual(['grün ☂']);
    expect(reader.unfinished()).toMatchObject({ number: 2, text: 'b' });
    expect(reader.push(bytes('c\n'))[0]).toMatchObject({ number: 2, text: 'bc' });
    expect(reader.unfinished()).toBeNull();
  });

  it('show a progress bar as it ended', () => {
    expect(read('10 %\r50 %\r100 %\r\n').lines[0]?.text).toBe('100 %');
  });

  it('keep the sixteen colours over lines, and nothing else a terminal would do', () => {
    const { lines } = read(
      '\x1b[1;31mbad\x1b[0m ok\x1b[33m\nwarm\x1b[m\x1b[2J\x1b]52;c;eHh4\x07\x1b]0;title\x1b\\x\x07\n',
    );
    expect(lines[0]).toMatchObject({ text: 'bad ok', spans: [{ from: 0, to: 3, look: 'rw' }] });
    expect(lines[1]).toMatchObject({ text: 'warmx', spans: [{ from: 0, to: 4, look: 'y' }] });
    expect(read('\x1b[38;2;1;2;31mx\x1b[38;5;31my\n').lines[0]?.spans).toEqual([]);
  });

  it('are cut when they never end', () => {
    const { lines, reader } = read('x'.repeat(3 * MAX_LINE + 5));
    expect(lines).toHaveLength(3);
    expect(reader.unfinished()?.text).toHaveLength(5);
  });
});

describe('a search', () => {
  const { lines } = read('Timeout timeout\n\x1b[31mno\x1b[0m match\nTIMEOUT\n');

  it('finds every place without regard to case', () => {
    expect(findAll(lines, 'timeout', 99).map(({ line, from }) => [line, from])).toEqual([
      [0, 0],
      [0, 8],
      [2, 0],
    ]);
    expect(findAll(lines, 'TIMEOUT', 99, true).map(({ line }) => line)).toEqual([2]);
    expect(findAll(lines, '', 99)).toEqual([]);
    expect(findAll(lines, 't', 3)).toHaveLength(3);
  });

  it('marks what it found over the colours', () => {
    const marks = findAll(lines, 'o ma', 9);
    expect(piecesOf(lines[1] as never, marks, marks[0] as never)).toEqual([
      { text: 'n', look: 'r', mark: '' },
      { text: 'o', look: 'r', mark: 'current' },
      { text: ' ma', look: '', mark: 'current' },
      { text: 'tch', look: '', mark: '' },
    ]);
  });
});
