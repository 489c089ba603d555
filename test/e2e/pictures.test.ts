/**
 * Every screen looks as it did, in light and dark. The guests are a scripted engine's at a fixed time, without figures;
 * what is drawn on canvases is hidden. `UPDATE_PICTURES=1` writes what is seen now as what is right; look at it first
 * (the pictures themselves are in test-results/pictures then).
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeEngine, startFakeEngine } from '../fakes/engine.ts';
import { CHROMIUM, CHROMIUM_ARGS } from '../fixtures/chromium.ts';
import { plainFonts } from './scene/fonts.ts';
import { difference, thumbnail } from './scene/thumbnail.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KEPT = fileURLToPath(new URL('./pictures.json', import.meta.url));
const SEEN = join(ROOT, 'test-results', 'pictures');
const UPDATE = process.env.UPDATE_PICTURES === '1';
const NOW = Date.UTC(2026, 0, 15, 12, 0, 0);
/**
 * Of the cells. A line of text, a badge or a further row is less; a part that is missing, overlaps, lost its style or
 * stands elsewhere is more.
 */
const TOLERANCE = 0.05;

/** By name: its address, what is there once it is painted, and what is done before. */
const SCREENS: Readonly<
  Record<string, readonly [hash: string, ready: string, act?: (page: Page) => Promise<unknown>]>
> = {
  guests: ['#/guests', '[data-guest]'],
  overview: ['#/guests/000000000002', '.overview'],
  'guest settings': ['#/guests/000000000002/settings', '[role="tabpanel"], .content, dl'],
  'guest activity': ['#/guests/000000000002/activity', '.acts table'],
  isolation: ['#/guests/000000000002/isolation', 'main'],
  'new guest': ['#/new', '.form'],
  images: ['#/images', 'table.grid'],
  networks: ['#/networks', 'text=backstage'],
  volumes: ['#/volumes', 'text=orders-data'],
  hosts: ['#/hosts', '[aria-label="Checks"] li'],
  trash: ['#/hosts', 'text=old-wiki', (page) => toTop(page, '[aria-labelledby="trash-title"]')],
  resources: ['#/resources', '.all tbody .link'],
  compare: ['#/compare', '.bar .container', (page) => page.locator('.pick select').selectOption('debian:12')],
  settings: ['#/settings', '.sec'],
  activity: ['#/activity', '.empty'],
  design: ['#/design', '.swatches li'],
  log: [
    '#/guests/000000000002/console',
    '[role="log"] >> text=pool',
    (page) => page.locator('text=Log').first().click(),
  ],
  console: [
    '#/guests/000000000002',
    '.xterm-rows >> text=Linux',
    (page) => page.getByRole('button', { name: 'Console', exact: true }).click(),
  ],
  tour: [
    '#/settings',
    '[aria-labelledby="tour-title"]',
    (page) => page.getByRole('button', { name: 'Show me around' }).click(),
  ],
};

const toTop = (page: Page, selector: string) =>
  page.locator(selector).evaluate((part) => part.scrollIntoView({ block: 'start' }));

describe.skipIf(CHROMIUM === undefined)('pictures', () => {
  const kept: Record<string, string> = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : {};
  const folder = mkdtempSync(join(tmpdir(), 'gh-pictures-'));
  let fake: FakeEngine;
  let browser: Browser;
  let helper: Page;

  beforeAll(async () => {
    fake = await startFakeEngine({ now: NOW });
    browser = await chromium.launch({
      executablePath: CHROMIUM as string,
      args: [...CHROMIUM_ARGS, '--font-render-hinting=none', '--disable-lcd-text'],
      env: { ...process.env, ...plainFonts(folder) },
    });
    helper = await browser.newPage();
    mkdirSync(SEEN, { recursive: true });
  });
  afterAll(async () => {
    if (UPDATE) writeFileSync(KEPT, `${JSON.stringify(kept, null, 1)}\n`);
    await browser?.close();
    await fake?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  // On a machine that does other things as well, a picture takes ten times longer.
  test.each(['light', 'dark'] as const)(
    'of every screen, %s',
    async (theme) => {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        colorScheme: theme,
        locale: 'en-GB',
        timezoneId: 'UTC',
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      await page.clock.setFixedTime(NOW);
      await page.goto(fake.url);
      await page.addStyleTag({
        content: 'canvas { visibility: hidden !important } * { caret-color: transparent !important }',
      });
      await page.waitForSelector('[data-guest]');
      const off: string[] = [];
      for (const [name, [hash, ready, act]] of Object.entries(SCREENS)) {
        await page.evaluate((to) => {
          location.hash = to;
        }, hash);
        await act?.(page);
        await page.waitForSelector(ready);
        await page.evaluate(() => document.fonts.ready);
        const key = `${name}, ${theme}`;
        let share = 1;
        let png: Buffer = Buffer.alloc(0);
        // Until it is as it should be: what comes late, comes.
        for (let turn = 0; turn < 12 && share > TOLERANCE; turn++) {
          if (turn > 0) await page.waitForTimeout(250);
          png = await page.screenshot();
          const seen = await thumbnail(png, helper);
          if (UPDATE && turn < 2) continue;
          if (UPDATE) kept[key] = Buffer.from(seen).toString('base64');
          share = difference(seen, new Uint8Array(Buffer.from(kept[key] ?? '', 'base64')));
        }
        if (share > TOLERANCE || UPDATE) writeFileSync(join(SEEN, `${key.replaceAll(/\W+/g, '-')}.png`), png);
        if (share > TOLERANCE) off.push(`${key}: ${(share * 100).toFixed(1)} % differ`);
      }
      await context.close();
      expect(off, `see test-results/pictures; if they are right: UPDATE_PICTURES=1`).toEqual([]);
    },
    240_000,
  );
});
