import { expect, test } from 'vitest';
import { createPacker, createUnpacker, type Sample } from '../../engine/contract/index.ts';
import { createSparks, SPARK_SECONDS } from './sparks.ts';

/** The same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

function feed() {
  const pack = createPacker();
  const unpack = createUnpacker();
  return (at: number, cpu: Readonly<Record<string, number | null>>) => {
    const samples = Object.entries(cpu).map(([id, cpuPercent]) => ({ id, cpuPercent }) as Sample);
    const { who, figures } = pack({ at, costPercent: 0, samples });
    if (who) unpack.who(who);
    return unpack.frame(figures);
  };
}

const line = (...end: (number | null)[]) => [...new Array(SPARK_SECONDS - end.length).fill(null), ...end];

test('the last second stands at the end; who comes, goes or is not known leaves a gap, and so does a lost link', () => {
  const sparks = createSparks();
  const frame = feed();
  sparks.add(frame(1_000, { a: 1, b: 5 }));
  sparks.add(frame(2_000, { a: 2, b: null }));
  sparks.add(frame(5_000, { b: 7, c: 9 }));
  expect(sparks.cpu('a')).toEqual(line(1, 2, null, null, null));
  expect(sparks.cpu('b')).toEqual(line(5, null, null, null, 7));
  expect(sparks.cpu('c')).toEqual(line(9));
  expect(sparks.cpu('nobody')).toEqual(line());
});

test('the past stands before the first frame, wherever the frames are by the time it arrives', () => {
  const sparks = createSparks();
  const frame = feed();
  sparks.add(frame(1_000, { a: 1 }));
  sparks.add(frame(2_000, { a: 2 }));
  const past = Array.from({ length: SPARK_SECONDS }, (_, n) => 100 + n);
  sparks.fill('a', past);
  expect(sparks.cpu('a')).toEqual([...past.slice(0, -2), 1, 2]);
  sparks.add(frame(3_000, { a: 3 }));
  expect(sparks.cpu('a')).toEqual([...past.slice(1, -2), 1, 2, 3]);
});

test('as a plain list for each guest would have it', () => {
  const random = seeded(7);
  const sparks = createSparks();
  const frame = feed();
  const plain = new Map<string, (number | null)[]>(['a', 'b', 'c', 'd', 'e'].map((id) => [id, line()]));
  let at = 0;
  for (let step = 0; step < 400; step++) {
    const seconds = random() < 0.05 ? 1 + Math.floor(random() * 80) : 1;
    at += seconds * 1000;
    const cpu: Record<string, number | null> = {};
    for (const id of plain.keys()) if (random() < 0.8) cpu[id] = random() < 0.1 ? null : Math.round(random() * 100);
    sparks.add(frame(at, cpu));
    for (const [id, values] of plain) {
      if (step > 0) for (let n = 1; n < seconds; n++) values.push(null);
      values.push(cpu[id] ?? null);
      expect(sparks.cpu(id)).toEqual(values.slice(-SPARK_SECONDS));
    }
  }
});
