/** The charts of a guest: ranges, zoom, another guest laid over, export, the log at the cursor. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

const cpu = (page: Page) => page.getByRole('img', { name: /^CPU over/ });
const over = async (page: Page) => (await cpu(page).getAttribute('aria-label')) ?? '';
/** The highest figure a line of a chart had in the stretch that is shown (kB/s of rates, else the axis's unit); 0: none. */
async function peak(page: Page, chart: string, line: string): Promise<number> {
  const image = page.getByRole('img', { name: new RegExp(`^${chart} over`) });
  const label = (await image.count()) === 0 ? '' : await image.getAttribute('aria-label');
  const [, figure = '0', unit] = new RegExp(`[:;] ${line} [^;]*peak ([\\d.,]+) ([^;.]*)`).exec(label ?? '') ?? [];
  return Number(figure) * (unit === 'MB/s' ? 1000 : 1);
}
/** What is written and fetched on purpose; neighbours that look for one another are some bytes (kB/s). */
const MUCH = 100;

async function exported(page: Page, what: RegExp): Promise<Buffer> {
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: what }).click(),
  ]);
  return readFileSync(await download.path());
}

describeWindow(
  'graphs',
  (house) => {
    /** When a guest had fetched something from another (ms since the epoch). */
    let fetchedAt = Number.NaN;

    test('every range is read and told in words', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^busy / }).click();
      await page.getByRole('tab', { name: 'Resources' }).click();
      await expect.poll(() => over(page)).toMatch(/CPU over the last five minutes\. CPU: use \d/);
      for (const [range, words] of [
        ['1 h', 'the last hour'],
        ['24 h', 'the last 24 hours'],
        ['7 d', 'the last seven days'],
        ['30 d', 'the last 30 days'],
      ] as const) {
        await page.getByRole('radio', { name: range, exact: true }).click();
        await expect.poll(() => over(page)).toMatch(new RegExp(`CPU over ${words}\\. CPU: use \\d`));
      }
      await page.getByRole('radio', { name: '5 min' }).click();
      await seen(page.getByRole('img', { name: /^Processes over.*tasks \d/ }));
    });

    test('what a guest writes and what it fetches from another stands in its charts, also as operations and packets', async () => {
      const { page, home } = house();
      const write = 'for i in 1 2 3 4; do dd if=/dev/zero of=/written bs=64k count=32 conv=fsync; sleep 0.5; done';
      await home.ok(['exec', 'busy', 'sh', '-c', write]);
      await expect.poll(() => peak(page, 'Disk', 'write')).toBeGreaterThan(MUCH);
      await expect.poll(() => peak(page, 'Disk operations', 'write')).toBeGreaterThan(0);
      const serve = 'dd if=/dev/zero of=/tmp/served bs=1M count=4 && httpd -p 8080 -h /tmp';
      await home.ok(['exec', 'calm', 'sh', '-c', serve]);
      await home.ok(['exec', 'busy', 'wget', '-qO', '/dev/null', 'http://calm:8080/served']);
      await expect.poll(() => peak(page, 'Network', 'in')).toBeGreaterThan(MUCH);
      await expect.poll(() => peak(page, 'Packets', 'in')).toBeGreaterThan(20);
      await expect.poll(() => peak(page, 'Packets', 'out')).toBeGreaterThan(20);
      fetchedAt = Date.now();
    });

    test('a stretch is drawn to look closer, moved, and left again', async () => {
      const { page } = house();
      const box = await cpu(page).boundingBox();
      if (!box) throw new Error('no chart');
      await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.9, box.y + 20, { steps: 4 });
      await page.mouse.up();
      await expect.poll(() => over(page)).toMatch(/CPU over \d\d:\d\d:\d\d to \d\d:\d\d:\d\d/);
      const zoomed = await over(page);
      await page.keyboard.press('PageUp');
      await expect.poll(() => over(page)).not.toBe(zoomed);
      await page.getByRole('button', { name: 'Back to now' }).click();
      await expect.poll(() => over(page)).toMatch(/over the last five minutes/);
      await page.getByRole('slider').press('+');
      await seen(page.getByRole('button', { name: 'Back to now' }));
      await page.keyboard.press('0');
      await gone(page.getByRole('button', { name: 'Back to now' }));
    });

    test('another guest is laid over, and both are exported', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'Overlay' }).click();
      await page.getByRole('menuitemcheckbox', { name: 'calm' }).click();
      await page.keyboard.press('Escape');
      await expect.poll(() => over(page)).toMatch(/busy \d.*calm \d/);
      const csv = (await exported(page, /CSV/)).toString();
      expect(csv).toMatch(/^guest,time,cpu,cpuPeak,memory/);
      expect(csv).toMatch(/\nbusy,\d{4}-/);
      expect(csv).toMatch(/\ncalm,\d{4}-/);
      const json = JSON.parse((await exported(page, /JSON/)).toString());
      expect(json.guests.map(({ guest }: { guest: string }) => guest)).toEqual(['busy', 'calm']);
      expect((await exported(page, /PNG/)).subarray(1, 4).toString()).toBe('PNG');
    });

    test('a click shows what the guest wrote then', async () => {
      const { page } = house();
      const box = await cpu(page).boundingBox();
      if (!box) throw new Error('no chart');
      await page.mouse.click(box.x + box.width - 4, box.y + 20);
      await seen(
        page
          .getByRole('log')
          .getByText(/tick \d+/)
          .first(),
      );
      await page.getByRole('button', { name: 'Put the log away' }).click();
      await gone(page.getByRole('log'));
    });

    test('one cursor over the charts and the log in the dock, by pointer and by key', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^busy / }).click({ button: 'right' });
      await page.getByRole('menuitem', { name: /\blog\b/i }).click();
      const log = page.getByRole('log', { name: /busy/ });
      await seen(log.getByText(/tick \d+/).first());
      const marked = async () => Number(/tick (\d+)/.exec((await log.locator('.pointed').allInnerTexts()).join())?.[1]);
      const box = await cpu(page).boundingBox();
      if (!box) throw new Error('no chart');
      const time = async () => Number(await page.getByRole('slider').getAttribute('aria-valuenow'));

      await page.mouse.move(box.x + box.width - 20, box.y + 20);
      await expect.poll(marked).toBeGreaterThan(0);
      const [before, earlier] = [await marked(), await time()];
      // All charts are told at that moment, and the log goes on following once nobody points.
      expect(await page.locator('.flag').count()).toBe(1);
      await page.mouse.move(box.x + box.width / 2, 10);
      await expect.poll(() => log.locator('.pointed').count()).toBe(0);
      await seen(page.getByText('Following'));

      await page.getByRole('slider').focus();
      await page.keyboard.press('ArrowLeft');
      await expect.poll(marked).toBeGreaterThan(0);
      const first = await marked();
      await page.keyboard.press('Shift+ArrowLeft');
      await expect.poll(marked).toBeLessThan(first - 10);
      await page.keyboard.press('Escape');
      await expect.poll(() => log.locator('.pointed').count()).toBe(0);

      // A line that is pointed at takes the cursor of the charts with it.
      expect(before).toBeGreaterThan(0);
      await log
        .getByText(/tick \d+/)
        .first()
        .hover();
      await seen(page.locator('.flag'));
      expect(Math.abs((await time()) - earlier)).toBeLessThan(300_000);
    });

    test('the past is still there after the engine was killed', async () => {
      const { page, home } = house();
      house().expectTrouble(/WebSocket|ERR_CONNECTION_REFUSED/);
      const kept = new DatabaseSync(join(home.path, 'history.db'), { readOnly: true });
      const newest = kept.prepare('SELECT max(at) AS at FROM seconds');
      // Written every ten seconds: so much is lost with a kill.
      await expect.poll(() => Number(newest.get()?.at)).toBeGreaterThan(fetchedAt - 10_000);
      kept.close();
      await house().killServer();
      await house().serve();
      // Anew: nothing of it is what the page still knew.
      await page.reload();
      await expect.poll(() => over(page)).toMatch(/CPU: use \d/);
      expect(await peak(page, 'Network', 'in')).toBeGreaterThan(MUCH);
      expect(await peak(page, 'Disk', 'write')).toBeGreaterThan(MUCH);
    });

    test('the host has charts of its own, and what measuring costs is told', async () => {
      const { page } = house();
      await page.getByRole('link', { name: /^Hosts/ }).click();
      await expect.poll(() => peak(page, 'CPU', 'use')).toBeGreaterThan(0);
      await expect.poll(() => peak(page, 'Memory', 'used')).toBeGreaterThan(0);
      // Linux without CONFIG_PSI, or with psi=0, does not say what waits.
      const waiting = page.getByRole('img', { name: /^Waiting for over .*CPU \d.*memory \d.*disk \d/ });
      if (existsSync('/proc/pressure/cpu')) await seen(waiting);
      else expect(await waiting.count()).toBe(0);
      await page.getByRole('link', { name: /^Resources/ }).click();
      await seen(page.getByRole('region', { name: 'Measuring' }).getByText(/\d.*%/));
    });
  },
  {
    steps: true,
    prepare: async (house) => {
      await withBusybox(house);
      await house.container('busy', ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.3; done']);
      await house.container('calm');
      for (const name of ['busy', 'calm']) await house.home.ok(['start', name]);
    },
  },
);
