import { expect, test } from 'vitest';
import { ask, type Lines, NO_LINES, walk } from './monitor-lines.ts';

test('the arrow keys lead through what was asked, and back to what was being written', () => {
  let lines: Lines = ask(ask(ask(NO_LINES, 'info status'), 'info cpus'), 'info cpus');
  const seen: (string | null)[] = [];
  let shown = 'info m';
  for (const step of [-1, -1, -1, 1, 1, 1] as const) {
    const [next, line] = walk(lines, step, shown);
    lines = next;
    shown = line ?? shown;
    seen.push(line);
  }
  expect(seen).toEqual(['info cpus', 'info status', null, 'info cpus', 'info m', null]);
  expect(walk(NO_LINES, -1, 'x')[1]).toBeNull();
  expect(ask(lines, 'stop')).toMatchObject({ asked: ['info status', 'info cpus', 'stop'], at: 3, written: '' });
});
