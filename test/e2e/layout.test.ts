/** Small windows and large letters: nothing scrolls sideways, and what matters stays within reach. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeWindow, seen, servedWithBusybox } from './window.ts';

/** How far the page could be scrolled sideways (px), and which of the wished parts stick out of the window. */
async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Inside the window, not covered, and large enough to hit. */
async function reachable(page: Page, name: RegExp | string): Promise<void> {
  const button = page.getByRole('button', { name, exact: typeof name === 'string' }).first();
  await seen(button);
  await button.click({ trial: true });
  const box = await button.boundingBox();
  const size = page.viewportSize();
  if (!box || !size) throw new Error('no box');
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(Math.ceil(box.x + box.width)).toBeLessThanOrEqual(size.width + 1);
  expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(24);
}

for (const [title, options] of [
  ['a window of 800 by 600', { viewport: { width: 800, height: 600 } }],
  ['200 % zoom', { viewport: { width: 1280, height: 800 }, zoom: 2 }],
] as const) {
  describeWindow(
    title,
    (house) => {
      test('shows the list and a guest', async () => {
        const { page } = house();
        await page.getByRole('row', { name: /^web / }).click();
        await seen(page.getByRole('heading', { name: /web\s*Running/ }));
        expect(await overflow(page)).toBe(0);
        for (const name of ['Console', 'Stop', 'More actions']) await reachable(page, name);
        await reachable(page, /New guest/);
        await page.getByRole('tab', { name: 'Resources' }).click();
        await seen(page.getByRole('img', { name: /^CPU over/ }));
        expect(await overflow(page)).toBe(0);
      });

      test('opens a console', async () => {
        const { page } = house();
        await page.getByRole('button', { name: 'Console', exact: true }).click();
        const screen = page.getByRole('group', { name: 'web, main' });
        await seen(screen);
        expect((await screen.boundingBox())?.height).toBeGreaterThan(50);
        expect(await overflow(page)).toBe(0);
        await page.getByRole('button', { name: /^Hide the consoles/ }).click();
      });

      test('creates a guest', async () => {
        const { page } = house();
        await page
          .getByRole('button', { name: /New guest/ })
          .first()
          .click();
        await page.getByRole('textbox', { name: 'Name' }).fill('small');
        expect(await overflow(page)).toBe(0);
        await reachable(page, /^Create and start/);
        await reachable(page, 'Cancel');
        await page.getByRole('button', { name: 'Add port' }).scrollIntoViewIfNeeded();
        await reachable(page, 'Add port');
        expect(await overflow(page)).toBe(0);
      });

      test.each(['Images', 'Activity', 'Hosts', 'Settings'])('%s', async (name) => {
        const { page } = house();
        await page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
        await seen(page.getByRole('heading', { name, level: 1 }));
        expect(await overflow(page)).toBe(0);
      });

      test.each(['Images', 'Networks'])('the menus of %s stay in sight in a very narrow one', async (name) => {
        const { page } = house();
        const size = page.viewportSize() ?? { width: 800, height: 600 };
        await page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
        await seen(page.getByRole('heading', { name, level: 1 }));
        try {
          await page.setViewportSize({ width: 380, height: size.height });
          const menu = page.getByRole('button', { name: /^Actions for / }).first();
          await seen(menu);
          await expect.poll(async () => ((await menu.boundingBox())?.x ?? 999) + 24).toBeLessThanOrEqual(380);
        } finally {
          await page.setViewportSize(size);
        }
      });
    },
    {
      ...options,
      browserOnly: true,
      prepare: async (house) => {
        await servedWithBusybox(house);
        await house.container('web', ['sh']);
        await house.home.ok(['start', 'web']);
      },
    },
  );
}
