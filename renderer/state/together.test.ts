import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { beforePicture } from './together.ts';

let pictures = 0;
beforeAll(() => {
  vi.useFakeTimers();
  vi.stubGlobal('requestAnimationFrame', (run: FrameRequestCallback) => {
    pictures += 1;
    return setTimeout(() => run(0), 16);
  });
  vi.stubGlobal('cancelAnimationFrame', (timer: number) => clearTimeout(timer));
});
afterAll(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('all that came within a moment runs once and together, what comes later with a later picture', () => {
  const ran: string[] = [];
  const a = () => ran.push('a');
  const b = () => ran.push('b');
  for (const enter of [a, a, a, b, a]) beforePicture(enter);
  vi.advanceTimersByTime(29);
  beforePicture(b);
  expect(ran).toEqual([]);
  vi.advanceTimersByTime(17);
  expect(ran).toEqual(['a', 'b']);
  expect(pictures).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(ran).toEqual(['a', 'b']);
  beforePicture(a);
  vi.advanceTimersByTime(46);
  expect(ran).toEqual(['a', 'b', 'a']);
});

test('a window without pictures is told all the same', () => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  let ran = 0;
  beforePicture(() => ran++);
  vi.advanceTimersByTime(130);
  expect(ran).toBe(1);
});
