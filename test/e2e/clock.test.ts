/** Clocks that jump: the host's under the engine, and the window's against the engine's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { House } from './house.ts';
import { describeWindow, seen, withBusybox } from './window.ts';

const HOUR_MS = 3_600_000;
const SET_CLOCK = fileURLToPath(new URL('../fixtures/set-clock.ts', import.meta.url));

const setClock = (house: House, aheadMs: number) => writeFileSync(join(house.home.path, 'clock'), String(aheadMs));
const axis = (page: Page) => page.getByRole('slider', { name: /busy/ });
/** Right edge of the charts (ms since the epoch). */
const edge = async (page: Page) => Number(await axis(page).getAttribute('aria-valuemax'));
const newest = async (page: Page) => Number(await axis(page).getAttribute('aria-valuenow'));
const cpu = async (page: Page) => (await page.getByRole('img', { name: /^CPU over/ }).getAttribute('aria-label')) ?? '';

/** The charts stand at `aheadMs` from this machine's time, know a figure there, and go on. */
async function goesOn(page: Page, aheadMs: number): Promise<void> {
  const off = async (of: (page: Page) => Promise<number>) => Math.abs((await of(page)) - Date.now() - aheadMs);
  await expect.poll(() => off(edge)).toBeLessThan(5000);
  await expect.poll(() => off(newest)).toBeLessThan(5000);
  await expect.poll(() => cpu(page)).toMatch(/CPU: use \d/);
  const before = await newest(page);
  await expect.poll(() => newest(page)).toBeGreaterThan(before + 1500);
}

describeWindow(
  'a clock that jumps',
  (house) => {
    test('an hour forward: charts, times and guests go on', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^busy / }).click();
      await page.getByRole('tab', { name: 'Resources' }).click();
      await goesOn(page, 0);
      setClock(house(), HOUR_MS);
      await goesOn(page, HOUR_MS);
      await house().home.ok(['stop', 'busy', '-t', '0']);
      await seen(page.getByRole('row', { name: /^busy / }).getByText('Stopped'));
      await house().home.ok(['start', 'busy']);
      await seen(page.getByRole('row', { name: /^busy / }).getByText('Running'));
      await goesOn(page, HOUR_MS);
    });

    test('the hour that never was is a gap', async () => {
      const { page } = house();
      await page.getByRole('radio', { name: '24 h', exact: true }).click();
      await expect.poll(() => cpu(page)).toMatch(/last 24 hours\. CPU: use \d/);
      await page.getByRole('button', { name: 'Export' }).click();
      const download = page.waitForEvent('download');
      await page.getByRole('menuitem', { name: /JSON/ }).click();
      const file = JSON.parse(readFileSync((await (await download).path()) as string, 'utf8'));
      const { times, average } = file.guests[0] as { times: number[]; average: { cpu: (number | null)[] } };
      const known = times.filter((_, i) => average.cpu[i] !== null).map((at) => new Date(at).getTime());
      const apart = known.slice(1).map((at, i) => at - (known[i] as number));
      expect(Math.max(...apart)).toBeGreaterThan(0.9 * HOUR_MS);
      await page.getByRole('radio', { name: '5 min' }).click();
    });

    test('an hour back: charts go on from there, and nothing took less than no time', async () => {
      const { page } = house();
      setClock(house(), 0);
      await goesOn(page, 0);
      await page.getByRole('button', { name: 'Restart', exact: true }).click();
      await seen(page.getByRole('row', { name: /^busy / }).getByText('Running'));
      await goesOn(page, 0);
      await page.getByRole('link', { name: 'Activity' }).click();
      await seen(page.getByRole('row').filter({ hasText: 'busy' }).first());
      expect(await page.locator('main').innerText()).not.toMatch(/[-−]\d+(\.\d+)? (s|min|h)\b|NaN|Invalid/);
    });

    test.each([
      ['ahead', HOUR_MS],
      ['behind', -HOUR_MS],
    ])('the clock of the window an hour %s: what is shown is the time of the house', async (_, shiftMs) => {
      const page = await house().open();
      await page.getByRole('row', { name: /^busy / }).click();
      await page.getByRole('tab', { name: 'Resources' }).click();
      await goesOn(page, 0);
      await page.evaluate((shift) => {
        const system = Date.now.bind(Date);
        Date.now = () => system() + shift;
      }, shiftMs);
      await goesOn(page, 0);
      // Long ranges are read anew by the time that passed, not by what a clock says.
      await page.getByRole('radio', { name: '1 h', exact: true }).click();
      await expect.poll(() => cpu(page)).toMatch(/last hour\. CPU: use \d/);
      await expect.poll(async () => Math.abs((await edge(page)) - Date.now())).toBeLessThan(15_000);
      await seen(page.getByText(/\bup (\d+ s|\d+ min( \d+ s)?)$/i).first());
      await page.close();
    });
  },
  {
    browserOnly: true,
    steps: true,
    prepare: async (house) => {
      await withBusybox(house);
      await house.container('busy', ['sh', '-c', 'while :; do echo tick; sleep 0.3; done']);
      const { env } = house.home;
      env.TEST_CLOCK = join(house.home.path, 'clock');
      env.NODE_OPTIONS = `--import ${SET_CLOCK}`;
      setClock(house, 0);
      await house.serve();
      await house.home.ok(['start', 'busy']);
    },
  },
);
