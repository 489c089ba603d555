import { expect, test } from 'vitest';
import { MAX_CHUNK } from '../contract/wire.ts';
import { createOutlet } from './credit.ts';

function outletWithLog() {
  const log: (number | string)[] = [];
  const outlet = createOutlet((bytes) => log.push(bytes.length), { onDrain: () => log.push('drain') });
  return { log, outlet };
}

test('nothing leaves without credit, and then only in pieces', () => {
  const { log, outlet } = outletWithLog();
  expect(outlet.push(new Uint8Array(3 * MAX_CHUNK))).toBe(3 * MAX_CHUNK);
  expect(log).toEqual([]);
  outlet.grant(2 * MAX_CHUNK + 1);
  expect(log).toEqual([MAX_CHUNK, MAX_CHUNK, 1]);
  expect(outlet.queued).toBe(MAX_CHUNK - 1);
  outlet.grant(MAX_CHUNK);
  expect(log.slice(3)).toEqual([MAX_CHUNK - 1, 'drain']);
  outlet.push(new Uint8Array(1));
  expect(log.at(-1)).toBe(1);
});

test('a deed keeps its place between the bytes', () => {
  const { log, outlet } = outletWithLog();
  outlet.push(new Uint8Array(10));
  outlet.after(() => log.push('mark'));
  outlet.push(new Uint8Array(5));
  outlet.after(() => log.push('end'));
  outlet.grant(10);
  expect(log).toEqual([10, 'mark']);
  outlet.grant(5);
  expect(log).toEqual([10, 'mark', 5, 'end', 'drain']);
});

test('closing forgets what waits and wakes who waits for it', async () => {
  const { log, outlet } = outletWithLog();
  outlet.push(new Uint8Array(10));
  const drained = outlet.drained();
  outlet.close();
  await drained;
  outlet.grant(100);
  expect(log).toEqual([]);
});

test('credit granted from within send is used by the loop that runs', () => {
  const sizes: number[] = [];
  const outlet = createOutlet((bytes) => {
    sizes.push(bytes.length);
    outlet.grant(bytes.length);
  });
  outlet.grant(100);
  outlet.push(new Uint8Array(100_000));
  expect(sizes.reduce((a, b) => a + b)).toBe(100_000);
});
