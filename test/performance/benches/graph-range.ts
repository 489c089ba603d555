/**
 * A guest's graphs switched from range to range in real Chromium, with a month of a hundred guests in the real store. The
 * guests are a scripted engine's (see ui-rows); their past comes out of `history.db` as it would in the application.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openHistory } from '../../../engine/metrics/history.ts';
import { createHistoryFile } from '../../../engine/metrics/historyfile.ts';
import { SECONDS_KEPT, WIDTH } from '../../../engine/metrics/seconds.ts';
import { floorTo, TIERS } from '../../../engine/metrics/tiers.ts';
import { startFakeEngine } from '../../fakes/engine.ts';
import { openChromium, unobserved } from '../chromium.ts';
import type { Bench, BenchContext, Variant } from '../harness.ts';

const GUESTS = 100;
/** Seconds in a row of the finest tier. */
const SLOT_SECONDS = 10;
const RANGES = ['5 min', '1 h', '24 h', '7 d', '30 d'] as const;
/** After a switch nothing is drawn any more by then (ms). */
const SETTLE_MS = 600;
/** A megabyte for each guest and month. */
const MOST_KB = 1000;

/** A month of every guest, each tier of the store to its brim, in the store's own format and one transaction. */
function fill(path: string, ids: readonly string[], context: BenchContext): void {
  const now = Date.now();
  const file = createHistoryFile(path, { info() {}, warn: context.say, error: context.say });
  /** Averages, then peaks, or ten seconds of single seconds: `blocks` times all series. */
  const row = (at: number, blocks: number) => {
    const values = Float32Array.from({ length: blocks * WIDTH }, (_, n) => 50 + 50 * Math.sin(at / 3e6 + n));
    return new Uint8Array(values.buffer);
  };
  file.attempt((tables) => {
    const guests = ids.map((id) => tables.guest(id));
    const put = (tier: number, stepMs: number, kept: number, blocks: number) => {
      for (let n = kept; n > 0; n--) {
        const at = floorTo(now, stepMs) - n * stepMs;
        const data = row(at, blocks);
        for (const guest of guests) {
          if (tier === 0) tables.putSeconds(at, guest, data);
          else tables.put(guest, tier, at, data);
        }
      }
      if (tier > 0) tables.setRolled(tier, floorTo(now, stepMs));
    };
    put(0, SLOT_SECONDS * 1000, SECONDS_KEPT / SLOT_SECONDS, SLOT_SECONDS);
    for (const [index, { stepMs, kept }] of TIERS.entries()) put(index + 1, stepMs, kept, 2);
  });
  file.close();
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
      // A machine that does other things as well may take longer to draw for the first time.
      for (let waits = 0; waits === 0 || (state.drawnAt === 0 && waits < 10); waits++)
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
    const fake = await startFakeEngine({ guests: GUESTS, bench: true, history: (query) => store.query(query) });
    context.defer('the scripted engine', () => fake.close());
    const ids = [...fake.guests.keys()];
    context.say(`writing a month of ${GUESTS} guests`);
    fill(path, ids, context);
    const store = openHistory({ path, log: { info() {}, warn: context.say, error: context.say } });
    context.defer('the store', () => store.close());
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
    await unobserved(page);
    await page.goto(fake.url);
    await page.waitForSelector('[data-guest]');
    await page.evaluate((id) => (location.hash = `#/guests/${id}/resources`), ids[GUESTS >> 1] as string);
    await page.waitForSelector('canvas');
    const ranges = RANGES.map(
      (range, n): Variant => ({
        role: 'ours',
        label: `${range}: chosen until drawn`,
        async run() {
          // From another one: the range that is shown already would not be drawn anew. The variants take turns in both
          // directions, so that the one before or after this is the one that may be shown already.
          await paint(page, RANGES[(n + 2) % RANGES.length] as string);
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
