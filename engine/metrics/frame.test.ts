import { expect, it } from 'vitest';
import { createPacker, createUnpacker } from '../contract/frame.ts';
import type { Sample } from '../contract/metrics.ts';

const sample = (id: string, more: Partial<Sample> = {}): Sample => ({
  id,
  cpuPercent: 12.34,
  memoryBytes: 4096,
  memoryLimitBytes: 8192,
  diskReadBps: 0,
  diskWriteBps: null,
  netInBps: null,
  netOutBps: 7,
  ...more,
});

it('brings frames over as they were, who is in them only when it changed', () => {
  const pack = createPacker();
  const unpack = createUnpacker();
  const over = (given: Parameters<typeof pack>[0]) => {
    const packed = pack(given);
    if (packed.who) unpack.who(JSON.parse(JSON.stringify(packed.who)));
    // Bytes may begin anywhere in what was received.
    const offset = given.at;
    const received = new Uint8Array(packed.figures.length + offset);
    received.set(packed.figures, offset);
    const frame = unpack.frame(received.subarray(offset));
    const { at, costPercent, samples } = frame;
    return { packed, frame, back: { at, costPercent, samples } };
  };
  const first = {
    at: 1,
    costPercent: 0.4,
    samples: [sample('a'), sample('b', { processes: 3, memoryLimitBytes: null })],
  };
  expect(over(first).back).toEqual(first);
  const second = { at: 2, costPercent: 0.5, samples: [sample('a', { cpuPercent: null }), first.samples[1] as Sample] };
  const { packed, back } = over(second);
  expect(packed.who).toBeNull();
  expect(back).toEqual(second);
  const { frame } = over(second);
  expect(frame.get('b')).toEqual(second.samples[1]);
  expect(frame.get('nobody')).toBeUndefined();
  expect([...frame.column('cpuPercent')]).toEqual([Number.NaN, Math.fround(12.34)]);
  expect([...frame.column('processes')]).toEqual([Number.NaN, 3]);
  expect([...frame.column('cpuPressure')]).toEqual([Number.NaN, Number.NaN]);
  const third = { at: 3, costPercent: 0.5, samples: [sample('c')] };
  expect(over(third).back).toEqual(third);
  expect(over({ at: 4, costPercent: 0, samples: [] }).back.samples).toEqual([]);
});

it('rounds what nobody reads', () => {
  const unpack = createUnpacker();
  const { who, figures } = createPacker()({
    at: 1,
    costPercent: 0,
    samples: [sample('a', { cpuPercent: 1.23456, netOutBps: 7.9 })],
  });
  if (who) unpack.who(who);
  expect(unpack.frame(figures).samples[0]).toMatchObject({ cpuPercent: 1.23, netOutBps: 8 });
});
