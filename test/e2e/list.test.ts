/** The list of guests: order, columns, the filter's language, groups by label; kept by the window over a reload. */
import { createServer } from 'node:net';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { clickDuring, describeWindow, gone, seen, servedWithBusybox } from './window.ts';

/** Of web-10; taken by somebody else when it is to start. */
const PORT = 20_000 + (process.pid % 10_000);

const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name} `) });
const filter = (page: Page) => page.getByRole('combobox', { name: 'Filter guests' });
const names = (page: Page) => page.locator('[data-guest] .name').allInnerTexts();
const head = (page: Page, name: RegExp) => page.getByRole('group', { name: 'Order' }).getByRole('button', { name });

/** The page is not closed with the guest opened by a step before. */
async function whole(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^Guests/ }).click();
  await seen(head(page, /Image/));
}

describeWindow(
  'the list of guests',
  (house) => {
    test('takes a click for the row it was pressed on, though others move it before the release', async () => {
      const { page, home } = house();
      await seen(row(page, 'alpha'));
      const chosen = () => page.locator('[data-guest][aria-selected="true"] .name').allInnerTexts();
      await clickDuring(page, row(page, 'busy'), () => home.ok(['rm', 'alpha']));
      await seen(page.getByRole('heading', { name: /busy\s*Running/ }));
      await page.keyboard.down('Control');
      await clickDuring(page, row(page, 'web-2'), () => home.ok(['trash', 'restore', 'alpha']));
      await page.keyboard.up('Control');
      await expect.poll(chosen).toEqual(['busy', 'web-2']);
      await whole(page);
    });

    test('is ordered by any column, either way, also by figures', async () => {
      const { page } = house();
      await seen(row(page, 'alpha'));
      expect(await names(page)).toEqual(['alpha', 'busy', 'web-2', 'web-10']);
      await head(page, /^Name/).click();
      await expect.poll(() => names(page)).toEqual(['web-10', 'web-2', 'busy', 'alpha']);
      await head(page, /Sort by Created/).waitFor({ state: 'hidden' });
      // The one that works comes first as soon as its figures are known; those that do not run come last by name.
      await head(page, /Sort by CPU/).click();
      await page.mouse.move(640, 20);
      await expect.poll(() => names(page), { timeout: 30_000 }).toEqual(['busy', 'web-2', 'alpha', 'web-10']);
      await seen(head(page, /CPU, sorted downwards/));
    });

    test('has a head for each column, and each orders by what it shows', async () => {
      const { page } = house();
      await page.setViewportSize({ width: 1900, height: 800 });
      const toggle = async (...columns: string[]) => {
        await page.getByRole('button', { name: 'Columns and order' }).click();
        for (const name of columns) await page.getByRole('menuitemcheckbox', { name, exact: true }).click();
        await page.keyboard.press('Escape');
      };
      const further = ['Screen', 'Labels', 'Restarts', 'Created'];
      await toggle(...further);
      // By name between equals; those of which nothing is known come last either way.
      const byName = ['alpha', 'busy', 'web-2', 'web-10'];
      const figures = [/^(busy,web-2|web-2,busy),alpha,web-10$/, /^(busy,web-2|web-2,busy),alpha,web-10$/] as const;
      const orders: Record<string, readonly [first: readonly string[] | RegExp, second: readonly string[] | RegExp]> = {
        State: [
          ['busy', 'web-2', 'alpha', 'web-10'],
          ['alpha', 'web-10', 'busy', 'web-2'],
        ],
        Screen: [byName, byName],
        Memory: figures,
        Disk: figures,
        Network: figures,
        Image: [
          ['busy', 'web-2', 'web-10', 'alpha'],
          ['alpha', 'busy', 'web-2', 'web-10'],
        ],
        Up: [
          ['busy', 'web-2', 'alpha', 'web-10'],
          ['web-2', 'busy', 'alpha', 'web-10'],
        ],
        Labels: [
          ['web-2', 'web-10', 'alpha', 'busy'],
          ['web-2', 'web-10', 'alpha', 'busy'],
        ],
        Restarts: [byName, byName],
        Created: [
          ['web-10', 'web-2', 'busy', 'alpha'],
          ['alpha', 'busy', 'web-2', 'web-10'],
        ],
      };
      const shown = await page.getByRole('group', { name: 'Order' }).getByRole('button').allInnerTexts();
      expect(shown.map((text) => text.trim()).sort()).toEqual(['CPU', 'Name', ...Object.keys(orders)].sort());
      for (const [column, ways] of Object.entries(orders))
        for (const wanted of ways) {
          const one = head(page, new RegExp(`^(Sort by )?${column}(,|$)`));
          await one.click();
          // While the pointer is over the list, moving figures leave the rows where they are.
          await page.mouse.move(640, 20);
          expect(await one.getAttribute('aria-pressed')).toBe('true');
          const order = expect.poll(async () => (await names(page)).join(), { message: column });
          await order.toMatch(wanted instanceof RegExp ? wanted : new RegExp(`^${wanted.join()}$`));
        }
      await toggle(...further);
      await head(page, /Sort by CPU/).click();
      await page.setViewportSize({ width: 1280, height: 800 });
    });

    test('is filtered by words and by the language, with ways to go on', async () => {
      const { page } = house();
      await page.keyboard.press('/');
      await page.keyboard.type('st');
      await seen(page.getByRole('option', { name: /state:/ }));
      await page.keyboard.press('Tab');
      await page.keyboard.type('ru');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      expect(await filter(page).inputValue()).toBe('state:running ');
      await expect.poll(() => names(page)).toEqual(['busy', 'web-2']);
      await page.keyboard.type('-name:busy ');
      await expect.poll(() => names(page)).toEqual(['web-2']);
      await filter(page).fill('label:team=web image:busybox ');
      await expect.poll(async () => (await names(page)).sort()).toEqual(['web-10', 'web-2']);
      await filter(page).fill('cpu>5 ');
      await expect.poll(() => names(page), { timeout: 30_000 }).toEqual(['busy']);
    });

    test('says what it does not understand, and filters by the rest', async () => {
      const { page } = house();
      await filter(page).fill('state:runing web ');
      await seen(page.getByText('“runing” is no state. Did you mean running?'));
      await expect.poll(async () => (await names(page)).sort()).toEqual(['web-10', 'web-2']);
      await filter(page).fill('nothing-of-the-kind');
      await seen(page.getByRole('heading', { name: /No guest matches/ }));
      await page.getByRole('button', { name: 'Show all guests' }).click();
      await seen(row(page, 'alpha'));
    });

    test('shows the columns that were chosen, groups by a label, folds; all of it after a reload', async () => {
      const { page } = house();
      await whole(page);
      await page.getByRole('button', { name: 'Columns and order' }).click();
      await page.getByRole('menuitemcheckbox', { name: 'Labels' }).click();
      await page.getByRole('menuitemcheckbox', { name: 'Disk' }).click();
      await page.keyboard.press('Escape');
      await seen(head(page, /Sort by Labels/));
      await page.getByRole('button', { name: /^Group by/ }).click();
      await page.getByRole('menuitemradio', { name: 'Label team' }).click();
      await seen(page.getByRole('rowheader', { name: /team=web.*2 guests/ }));
      await page.getByRole('button', { name: 'Fold without team' }).click();
      await gone(row(page, 'alpha'));
      await page.reload();
      await seen(page.getByRole('rowheader', { name: /team=web.*2 guests/ }));
      await seen(head(page, /CPU, sorted downwards/));
      await seen(head(page, /Sort by Labels/));
      expect(await head(page, /Disk/).count()).toBe(0);
      expect(await names(page)).toEqual(['web-2', 'web-10']);
      await page.getByRole('button', { name: 'Unfold without team' }).click();
      await seen(row(page, 'alpha'));
    });

    test('does one thing to many with one progress, and says which failed', async () => {
      const { page } = house();
      await filter(page).fill('label:team=web ');
      await page.getByRole('grid', { name: 'Guests' }).focus();
      await page.keyboard.press('Control+a');
      const bar = page.getByRole('toolbar', { name: '2 selected' });
      await bar.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Label…' }).click();
      const form = page.getByRole('dialog', { name: 'Label 2 guests' });
      await form.getByRole('textbox', { name: /Labels/ }).fill('tier=front\n-team');
      await form.getByRole('button', { name: 'Label', exact: true }).click();
      await seen(page.getByText('Label: all 2'));
      await filter(page).fill('label:tier=front -label:team ');
      await expect.poll(async () => (await names(page)).sort()).toEqual(['web-10', 'web-2']);
      // A host port that is taken: one of the two cannot start.
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(PORT, '127.0.0.1', resolve));
      await house().home.ok(['stop', '-t', '0', 'web-2']);
      await page.getByRole('grid', { name: 'Guests' }).focus();
      await page.keyboard.press('Control+a');
      await bar.getByRole('button', { name: 'Start 2' }).click();
      await seen(page.getByText('Start: 1 of 2 failed'));
      await page.getByRole('button', { name: 'Show them' }).click();
      await expect.poll(() => row(page, 'web-10').getAttribute('aria-selected')).toBe('true');
      expect(await house().state('web-2')).toBe('running');
      await new Promise((resolve) => taken.close(resolve));
    });
  },
  {
    steps: true,
    prepare: async (house) => {
      await servedWithBusybox(house);
      await house.home.ok(['image', 'tag', 'busybox', 'zebra']);
      await house.home.ok(['create', 'alpha', '--image', 'zebra', '--isolation', 'container', '--memory', '64']);
      await house.container('busy', ['sh', '-c', 'while :; do :; done']);
      await house.container('web-2', undefined, ['--label', 'team=web']);
      await house.container('web-10', undefined, ['--label', 'team=web', '--publish', `${PORT}:80`]);
      for (const name of ['busy', 'web-2']) await house.home.ok(['start', name]);
    },
  },
);
