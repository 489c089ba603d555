import { describe, expect, it } from 'vitest';
import { createDecoder, inUtc } from './log-format.ts';

const at = '2026-11-23T16:00:00.000000000+00:00';
const decodeLog = (log: Uint8Array) =>
  Buffer.concat(
    createDecoder({ timestamps: false, sinceMs: null, untilMs: null })
      .push(log)
      .map(({ bytes }) => bytes),
  );
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('decoding', () => {
  it('gives the bytes as they were written', () => {
    const log = `${at} stdout F one\r\n${at} stderr P tw\n${at} stdout F o\n${at} stdout F \n${at} stdout P open\n`;
    expect(text(decodeLog(Buffer.from(log)))).toBe('one\r\ntwo\n\nopen');
  });

  it.each(['', '\n', 'x', 'x y', 'x y F', `${at} stdout`, 'no time here\n', '\0\0\n \n  \n'])(
    'survives a damaged log: %j',
    (log) => {
      expect(() => decodeLog(Buffer.from(log))).not.toThrow();
    },
  );

  it('keeps bytes that are no text', () => {
    const line = Buffer.concat([
      Buffer.from(`${at} stdout F `),
      Buffer.from([0xff, 0x00, 0x1b, 0x5b]),
      Buffer.from('\n'),
    ]);
    expect([...decodeLog(line)]).toEqual([0xff, 0x00, 0x1b, 0x5b, 0x0a]);
  });
});

describe('times', () => {
  it.each([
    ['2026-11-23T16:00:00.123456789+00:00', '2026-11-23T16:00:00.123456789Z'],
    ['2026-11-23T16:00:00.123456789+02:30', '2026-11-23T13:30:00.123456789Z'],
    ['2026-01-01T00:00:00.5-01:00', '2026-01-01T01:00:00.5Z'],
    ['2026-11-23T16:00:00+0000', '2026-11-23T16:00:00Z'],
    ['yesterday', 'yesterday'],
    ['2026-99-99T16:00:00+02:00', '2026-99-99T16:00:00+02:00'],
  ])('%s in UTC', (time, utc) => {
    expect(inUtc(time)).toBe(utc);
  });
});

describe('what is shown', () => {
  const time = (seconds: number) => `2026-11-23T16:00:0${seconds}.000000000+00:00`;
  const ms = (seconds: number) => Date.parse(`2026-11-23T16:00:0${seconds}Z`);
  const log = Buffer.from(
    `${time(1)} stdout F one\n${time(2)} stderr P tw\n${time(3)} stdout F between\n${time(4)} stderr F o\n${time(5)} stdout F three\n`,
  );
  const shown = (filter: { timestamps?: boolean; sinceMs?: number; untilMs?: number }) => {
    const decoder = createDecoder({ timestamps: false, sinceMs: null, untilMs: null, ...filter });
    const pieces = decoder.push(log).map(({ bytes, channel }) => `${channel}:${text(bytes)}`);
    return { pieces, past: decoder.past };
  };

  it('tells outputs apart', () => {
    expect(shown({}).pieces).toEqual(['stdout:one\n', 'stderr:tw', 'stdout:between\n', 'stderr:o\n', 'stdout:three\n']);
  });

  it('puts the time of its beginning before each line, once', () => {
    expect(shown({ timestamps: true }).pieces.slice(1, 4)).toEqual([
      'stderr:2026-11-23T16:00:02.000000000Z tw',
      'stdout:2026-11-23T16:00:03.000000000Z between\n',
      'stderr:o\n',
    ]);
  });

  it('shows whole lines that began in time', () => {
    expect(shown({ sinceMs: ms(3) })).toEqual({ pieces: ['stdout:between\nthree\n'], past: false });
    expect(shown({ untilMs: ms(3) })).toEqual({
      pieces: ['stdout:one\n', 'stderr:tw', 'stdout:between\n', 'stderr:o\n'],
      past: true,
    });
  });
});
