/**
 * The list of guests in real Chromium through the served window and its WebSocket. The guests are a bench's: a scripted
 * engine behind the real server, wire and bridge tells of them, because a thousand real ones do not fit a small machine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { changeAll } from '../../fakes/changing.ts';
import { type FakeEngine, startFakeEngine } from '../../fakes/engine.ts';
import { openChromium, unobserved } from '../chromium.ts';
import type { Bench, BenchContext, Variant } from '../harness.ts';

/** What one frame of figures sets going is over by then (ms). */
const SETTLE_MS = 400;
/** Guests whose state changes with every tick, beside the figures of all. */
const CHANGES = 20;
const SCROLL_STEPS = 40;
const SCROLL_STEP_MS = 25;

interface Shown {
  readonly fake: FakeEngine;
  readonly page: Page;
  readonly cdp: CDPSession;
}

async function show(context: BenchContext, guests: number): Promise<Shown> {
  const fake = await startFakeEngine({ guests, bench: true });
  context.defer('the scripted engine', () => fake.close());
  const browser = await openChromium(context);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await unobserved(page);
  await page.goto(fake.url);
  await page.waitForSelector('[data-guest]');
  const cdp = await page.context().newCDPSession(page);
  // On a machine that does other things as well, wall time is mostly theirs.
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  fake.tick();
  await sleep(2_000);
  return { fake, page, cdp };
}

/** Seconds of processor time that the page's thread spent since it was opened. */
async function scriptSeconds(cdp: CDPSession): Promise<{ script: number; task: number }> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return { script: of('ScriptDuration'), task: of('TaskDuration') };
}

async function tick(shown: Shown) {
  const before = await scriptSeconds(shown.cdp);
  changeAll(shown.fake, CHANGES);
  await sleep(SETTLE_MS);
  const after = await scriptSeconds(shown.cdp);
  return { ms: (after.script - before.script) * 1000, more: { 'all tasks': (after.task - before.task) * 1000 } };
}

/** Scrolls down and up again by the wheel while figures and states change; the longest time between two frames. */
async function scroll(shown: Shown) {
  const { page } = shown;
  await page.mouse.move(600, 400);
  await page.evaluate(() => {
    const seen: number[] = [];
    let last = performance.now();
    const look = (now: number) => {
      seen.push(now - last);
      last = now;
      if (state.going) requestAnimationFrame(look);
    };
    const state = { going: true, seen };
    (window as unknown as { frames: typeof state }).frames = state;
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(look);
    });
  });
  // A hand does not wait for the picture either; Chromium answers a wheel only once it is painted.
  const turned: Promise<void>[] = [];
  for (let step = 0; step < SCROLL_STEPS; step++) {
    if (step % 20 === 0) changeAll(shown.fake, CHANGES);
    turned.push(page.mouse.wheel(0, step < SCROLL_STEPS / 2 ? 400 : -400));
    await sleep(SCROLL_STEP_MS);
  }
  await Promise.all(turned);
  const frames = await page.evaluate(() => {
    const { frames } = window as unknown as { frames: { going: boolean; seen: number[] } };
    frames.going = false;
    return frames.seen;
  });
  frames.sort((a, b) => a - b);
  return { ms: frames.at(-1) ?? 0, more: { 'median frame': frames[frames.length >> 1] ?? 0 } };
}

export const uiRows: Bench = {
  name: 'ui-rows',
  about: `one second of a list of 1,000 guests whose figures all change and ${CHANGES} whose state does, in processor time of the page’s thread; and the longest frame of a second of scrolling it, in wall time`,
  goals: [
    { of: 'ours', ours: '1,000 rows: script', atMost: 4 },
    { of: 'ours', ours: '1,000 rows: longest frame', atMost: 50 },
    { of: 'ours', ours: '10,000 rows: longest frame', atMost: 100 },
  ],
  rounds: 8,
  warmups: 3,
  async prepare(context) {
    const thousand = await show(context, 1_000);
    const many = await show(context, 10_000);
    const variants: Variant[] = [
      { role: 'ours', label: '1,000 rows: script of one tick', run: () => tick(thousand) },
      { role: 'ours', label: '1,000 rows: longest frame of a second of scrolling', run: () => scroll(thousand) },
      { role: 'ours', label: '10,000 rows: script of one tick', run: () => tick(many) },
      { role: 'ours', label: '10,000 rows: longest frame of a second of scrolling', run: () => scroll(many) },
    ];
    return variants;
  },
};
