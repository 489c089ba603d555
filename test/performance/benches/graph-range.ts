/**
 * A guest's graphs switched from range to range in real Chromium, with a month of a hundred guests in the real store. The
 * guests are a scripted engine's (see ui-rows); their past comes out of `history.db` as it would in the application.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Sample, SampleFrame } from '../../../engine/contract/index.ts';
import { type HistoryStore, openHistory } from '../../../engine/metrics/history.ts';
import { startFakeEngine } from '../../fakes/engine.ts';
import { fakeFrame } from '../../fakes/engine-samples.ts';
import { openChromium } from '../chromium.ts';
import type { Bench, BenchContext, Variant } from '../harness.ts';

const GUESTS = 100;
const DAY_SECONDS = 86_400;
/** How far back, and how many seconds apart frames are recorded: each tier of the store is filled to its brim. */
const PAST = [
  [32 * DAY_SECONDS, 600],
  [27 * 3600, 10],
  [700, 1],
] as const;
const RANGES = ['5 min', '1 h', '24 h', '7 d', '30 d'] as const;
/** After a switch nothing is drawn any more by then (ms). */
const SETTLE_MS = 600;
/** A megabyte for each guest and month. */
const MOST_KB = 1000;

/** A month of every guest, as if the engine had sampled it. */
function fill(store: HistoryStore, ids: readonly string[], frame: SampleFrame, context: BenchContext): void {
  const now = Math.floor(Date.now() / 1000);
  const [like] = frame.samples as readonly [Sample];
  for (const [index, [from, step]] of PAST.entries()) {
    const to = PAST[index + 1]?.[0] ?? 0;
    context.say(`recording ${Math.round((from - to) / step)} frames of ${ids.length} guests`);
    for (let second = now - from; second < now - to; second += step) {
      const cpuPercent = 50 + 50 * Math.sin(second / 3000);
      const samples = ids.map((id, n) => ({ ...like, id, cpuPercent: cpuPercent + n / 10, memoryBytes: second % 1e8 }));
      store.record({ ...frame, at: second * 1000, samples });
    }
  }
  store.flush();
}

/** Clicks a range; from the click until its strips were drawn for the last time. */
async function paint(page: Page, range: string): Promise<number> {
  return page.evaluate(
    async ({ range, settleMs }) => {
      const button = [...document.querySelectorAll<HTMLElement>('[role="radio"]')].find(
        (one) => one.textContent?.trim() === range,
      );
      if (!button) throw new Error(`no range ${range}`);
      const state = window as unknown as { drawnAt: number };
      state.drawnAt = 0;
      const began = performance.now();
      button.click();
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      if (state.drawnAt === 0) throw new Error(`${range} was not drawn`);
      return state.drawnAt - began;
    },
    { range, settleMs: SETTLE_MS },
  );
}

export const graphRange: Bench = {
  name: 'graph-range',
  about: `a range of a guest's graphs chosen until it is drawn, with 30 days of ${GUESTS} guests in the store; and its size`,
  goals: [
    ...RANGES.map((range) => ({ of: 'ours' as const, ours: `${range}:`, atMost: 100 })),
    { of: 'ours', ours: 'size', atMost: MOST_KB },
  ],
  rounds: 9,
  warmups: 1,
  long: true,
  async prepare(context) {
    const path = join(context.folder, 'history.db');
    const store = openHistory({ path, log: { info() {}, warn: context.say, error: context.say } });
    context.defer('the store', () => store.close());
    const fake = await startFakeEngine({ guests: GUESTS, bench: true, history: (query) => store.query(query) });
    context.defer('the scripted engine', () => fake.close());
    const ids = [...fake.guests.keys()];
    fill(store, ids, fakeFrame(fake.guests), context);
    const browser = await openChromium(context);
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript(() => {
      const state = window as unknown as { drawnAt: number };
      const { stroke } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.stroke = function (this: CanvasRenderingContext2D, ...path: [Path2D?]) {
        state.drawnAt = performance.now();
        return (stroke as (...path: unknown[]) => void).apply(this, path);
      };
    });
    await page.goto(fake.url);
    await page.waitForSelector('[data-guest]');
    await page.evaluate((id) => (location.hash = `#/guests/${id}/resources`), ids[GUESTS >> 1] as string);
    await page.waitForSelector('canvas');
    const ranges = RANGES.map(
      (range, n): Variant => ({
        role: 'ours',
        label: `${range}: chosen until drawn`,
        async run() {
          // From another one: the range that is shown already would not be drawn anew.
          await paint(page, RANGES[(n + 1) % RANGES.length] as string);
          return { ms: await paint(page, range) };
        },
      }),
    );
    return [
      ...ranges,
      {
        role: 'ours',
        label: 'size of the store, each guest',
        unit: 'KB',
        run: async () => ({ value: statSync(path).size / GUESTS / 1000 }),
      },
    ];
  },
};
