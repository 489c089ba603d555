import { expect, test } from 'vitest';
import { OperationLog } from './operation-log.ts';

function watched(log: OperationLog) {
  const seen = { text: '', ended: false };
  const stop = log.watch({
    onBytes: (bytes) => {
      seen.text += Buffer.from(bytes).toString();
    },
    onEnd: () => {
      seen.ended = true;
    },
  });
  return { seen, stop };
}

test('a log is seen from its beginning, whenever one looks', () => {
  const log = new OperationLog();
  log.append('one');
  const early = watched(log);
  log.append('two');
  const gone = watched(log);
  gone.stop();
  log.append('three');
  log.end();
  log.append('never');
  const late = watched(log);
  expect(early.seen).toEqual({ text: 'one\ntwo\nthree\n', ended: true });
  expect(late.seen).toEqual(early.seen);
  expect(gone.seen).toEqual({ text: 'one\ntwo\n', ended: false });
});

test('of a log without end the last is kept, and that is said', () => {
  const log = new OperationLog();
  for (let at = 0; at < 40_000; at++) log.append(`line ${at} ${'x'.repeat(40)}`);
  log.append('y'.repeat(100_000));
  const { seen } = watched(log);
  expect(seen.text.length).toBeLessThan(1_100_000);
  expect(seen.text).toMatch(/^\[\d+ earlier lines are not kept\]\nline \d+ x/);
  expect(seen.text).toMatch(/y{1000}…\n$/);
});
