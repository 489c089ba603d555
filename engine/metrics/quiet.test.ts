import { expect, test } from 'vitest';
import { unlessQuiet } from './quiet.ts';

function scene() {
  const guest = { cpu: '100' as string | null, memoryBytes: 5, looks: 0 };
  const read = unlessQuiet(
    () => guest.cpu,
    (cpu) => {
      guest.looks += 1;
      return { cpuNs: Number(cpu), memoryBytes: guest.memoryBytes, diskReadBytes: 0, diskWriteBytes: 0 };
    },
  );
  return { guest, read };
}

test('a guest that sleeps is not looked at again, one that ran is', () => {
  const { guest, read } = scene();
  const first = read();
  expect(read()).toBe(first);
  expect(guest.looks).toBe(1);
  guest.cpu = '101';
  guest.memoryBytes = 6;
  expect(read()).toMatchObject({ cpuNs: 101, memoryBytes: 6 });
});

test('memory the host took from a sleeping guest is seen in the end', () => {
  const { guest, read } = scene();
  read();
  guest.memoryBytes = 1;
  expect(Array.from({ length: 12 }, read).at(-1)).toMatchObject({ memoryBytes: 1 });
});

test('without a figure for its processor everything is read each time', () => {
  const { guest, read } = scene();
  guest.cpu = null;
  read();
  read();
  expect(guest.looks).toBe(2);
});
