import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

const MIB = 1024 ** 2;
const step = 'Converting a.vmdk';

test('says how fast and how long, once it knows', () => {
  const pace = new Pace();
  const at = (now: number, done: number, more = {}) =>
    pace.text({ step, fraction: null, bytesDone: done * MIB, bytesTotal: 1000 * MIB, ...more }, now);
  expect(at(0, 0)).toBe('');
  expect(at(500, 10)).toBe('');
  expect(at(1000, 20)).toBe('20.0 MiB/s, 49 s left');
  expect(at(2000, 30)).toBe('15.0 MiB/s, 65 s left');
  expect(at(4000, 40)).toBe('10.0 MiB/s, 2 min left');
  expect(at(4100, 41, { bytesTotal: undefined })).toBe('10.0 MiB/s');
  expect(at(4200, 1, { step: 'another' })).toBe('');
});

test('forgets how fast it was long ago', () => {
  const pace = new Pace();
  const said = Array.from({ length: 40 }, (_, second) =>
    pace.text({ step, fraction: null, bytesDone: Math.min(second, 20) * 100 * MIB + second * MIB }, second * 1000),
  );
  expect(said[20]).toBe('101 MiB/s');
  expect(said[39]).toBe('1.0 MiB/s');
});

test('leaves alone what says it itself, or says nothing', () => {
  const pace = new Pace();
  for (const now of [0, 2000]) {
    expect(pace.text({ step: 'Pulling · 3 MiB/s', fraction: null, bytesDone: now }, now)).toBe('');
    expect(pace.text({ step, fraction: 0.5 }, now)).toBe('');
  }
});
