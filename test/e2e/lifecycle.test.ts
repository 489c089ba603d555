/** Every act on guests: by buttons, by keyboard alone, on several at once, from the palette and from the context menu. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { clickDuring, describeWindow, gone, hearNotices, seen, servedWithBusybox } from './window.ts';

const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name} `) });
const list = (page: Page) => page.getByRole('grid', { name: 'Guests' });
const rowSays = (page: Page, name: string, word: string) => seen(row(page, name).getByText(word, { exact: true }));

describeWindow(
  'the life of guests',
  (house) => {
    test('by buttons', async () => {
      const { page } = house();
      await row(page, 'one').click();
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      await rowSays(page, 'one', 'Running');
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await rowSays(page, 'one', 'Paused');
      await page.getByRole('button', { name: 'Resume', exact: true }).click();
      await rowSays(page, 'one', 'Running');
      const runSince = async () => JSON.parse(await house().home.ok(['inspect', 'one'])).startedAt;
      const before = await runSince();
      await page.getByRole('button', { name: 'Restart', exact: true }).click();
      // The row says Running before and after; only the run is another one.
      await expect.poll(async () => ![null, before].includes(await runSince())).toBe(true);
      await rowSays(page, 'one', 'Running');
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await rowSays(page, 'one', 'Stopped');
      expect(await house().state('one')).toBe('stopped');
    });

    test('by keyboard alone, with a question that names what is lost', async () => {
      const { page } = house();
      await list(page).focus();
      // In the order of the alphabet, `two` is the last.
      await page.keyboard.press('End');
      await expect.poll(() => row(page, 'two').getAttribute('aria-selected')).toBe('true');
      await page.keyboard.press('Alt+s');
      await rowSays(page, 'two', 'Running');
      await page.keyboard.press('Enter');
      await seen(page.getByRole('heading', { name: /two\s*Running/ }));
      await page.keyboard.press('Escape');
      await page.keyboard.press('Alt+s');
      await rowSays(page, 'two', 'Stopped');
      await page.keyboard.press('Delete');
      const question = page.getByRole('alertdialog', { name: 'Delete two?' });
      await seen(question.getByText(/everything written inside it.*can be undone for a day.*busybox:latest stays/));
      await page.keyboard.press('Escape');
      await gone(question);
      expect(await house().state('two')).toBe('stopped');
      await page.keyboard.press('Delete');
      await question.getByRole('button', { name: 'Delete two' }).press('Enter');
      await gone(row(page, 'two'));
      expect(await house().state('two')).toBeUndefined();
      await page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).press('Enter');
      await rowSays(page, 'two', 'Stopped');
      expect(await house().state('two')).toBe('stopped');
    });

    test('Ctrl Z puts back what was deleted last, but belongs to the text in a text field', async () => {
      const { page } = house();
      await row(page, 'two').click();
      await page.keyboard.press('Delete');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete two' }).press('Enter');
      await gone(row(page, 'two'));
      const offer = page.getByRole('region', { name: 'Notices' }).getByText('two is in the trash.');
      await seen(offer);
      // Under the pointer it stays for as long as it is true.
      await offer.hover();
      const filter = page.getByRole('combobox', { name: 'Filter guests' });
      await filter.fill('tw');
      await filter.press('Control+z');
      expect(await house().state('two')).toBeUndefined();
      await filter.fill('');
      await list(page).focus();
      await page.keyboard.press('Control+z');
      await rowSays(page, 'two', 'Stopped');
      expect(await house().state('two')).toBe('stopped');
      await gone(offer);
    });

    test('F6 goes round all panes of the window, and back', async () => {
      const { page } = house();
      await row(page, 'two').click();
      await seen(page.getByRole('heading', { name: /two\s*Stopped/ }));
      const pane = () =>
        page.evaluate(() => document.activeElement?.closest('[data-pane]')?.getAttribute('aria-label'));
      await list(page).focus();
      const round: (string | null | undefined)[] = [];
      for (let i = 0; i < 3; i++) {
        await page.keyboard.press('F6');
        round.push(await pane());
      }
      expect(round).toEqual(['two', 'Sections', 'Guests']);
      // It is the list itself that takes the keys, not its filter.
      expect(await list(page).evaluate((it) => it === document.activeElement)).toBe(true);
      await page.keyboard.press('Shift+F6');
      expect(await pane()).toBe('Sections');
    });

    test('several removed come back at once, and what the trash holds is seen, put back and emptied', async () => {
      const { page, home } = house();
      for (const name of ['old', 'older']) await house().container(name, ['true']);
      await row(page, 'old').click();
      await row(page, 'older').click({ modifiers: ['Control'] });
      await page.keyboard.press('Delete');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 2 guests' }).click();
      await gone(row(page, 'older'));
      await page.getByText('2 guests are in the trash.').locator('..').getByRole('button', { name: 'Undo' }).click();
      for (const name of ['old', 'older']) await rowSays(page, name, 'Stopped');

      await home.ok(['rm', 'old', 'older']);
      await house().container('old', ['true']);
      await page.getByRole('link', { name: /^Hosts/ }).click();
      const trash = page.getByRole('region', { name: 'Trash' });
      const inTrash = (name: string) => trash.getByRole('row', { name: new RegExp(`^${name} `) });
      await inTrash('older').getByRole('button', { name: 'Put back' }).click();
      await gone(inTrash('older'));
      // Its name is taken by now: it comes back under another.
      const dialog = page.getByRole('dialog', { name: 'The name old is taken' });
      await inTrash('old').getByRole('button', { name: 'Put back' }).click();
      expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('old-2');
      await dialog.getByRole('button', { name: 'Put back' }).click();
      await gone(dialog);
      expect(await house().state('old-2')).toBe('stopped');

      // It counts for what was pressed, though it moves away before the release.
      const onDisk = (name: string) =>
        page.getByRole('region', { name: 'Storage' }).getByRole('row', { name: new RegExp(`^${name} `) });
      await home.ok(['rm', 'old', 'old-2']);
      for (const name of ['old', 'old-2']) {
        await seen(inTrash(name));
        await gone(onDisk(name));
      }
      await clickDuring(page, inTrash('old').getByRole('button', { name: 'Put back' }), async () => {
        await house().container('more', ['true']);
        await seen(onDisk('more'));
      });
      await gone(inTrash('old'));
      expect(await house().state('old')).toBe('stopped');

      await home.ok(['rm', 'old', 'older', 'two', 'more']);
      // Only what is shown goes.
      for (const name of ['old', 'old-2', 'older', 'two', 'more']) await seen(inTrash(name));
      await trash.getByRole('button', { name: 'Empty the trash' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Empty the trash' }).click();
      await seen(trash.getByText('Nothing in it.'));
      expect(JSON.parse(await home.ok(['trash', 'ls', '--json'])).guests).toEqual([]);
      await page.getByRole('link', { name: /^Guests/ }).click();
    });

    test('several at once', async () => {
      const { page } = house();
      await list(page).focus();
      await page.keyboard.press('Control+a');
      const bar = page.getByRole('toolbar', { name: '3 selected' });
      await bar.getByRole('button', { name: 'Start 3' }).click();
      await expect
        .poll(async () => (await house().guests()).map(({ state }) => state))
        .toEqual(Array(3).fill('running'));
      await bar.getByRole('button', { name: 'Stop 3' }).click();
      await expect
        .poll(async () => (await house().guests()).map(({ state }) => state), { timeout: 30_000 })
        .toEqual(Array(3).fill('stopped'));
      await bar.getByRole('button', { name: 'Clear selection' }).click();
      await gone(bar);
    });

    test('from the palette', async () => {
      const { page } = house();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('start three');
      await seen(page.getByRole('option', { name: /^Start three/ }));
      await page.keyboard.press('Enter');
      await rowSays(page, 'three', 'Running');
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('kill three');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Kill three' }).click();
      await rowSays(page, 'three', 'Stopped');
    });

    test('from the context menu', async () => {
      const { page } = house();
      await row(page, 'four').click({ button: 'right' });
      await page.getByRole('menuitem', { name: /^Start/ }).click();
      await rowSays(page, 'four', 'Running');
      await row(page, 'four').click({ button: 'right' });
      await page.getByRole('menuitem', { name: /^Stop/ }).click();
      await rowSays(page, 'four', 'Stopped');
    });

    test('an end that nobody asked for is told on the desktop, one that was is not', async () => {
      const { page } = house();
      const told = await hearNotices(page);
      await page.getByRole('link', { name: /^Settings/ }).click();
      await page.getByRole('radiogroup', { name: 'On the desktop' }).getByRole('radio', { name: 'Off' }).click();
      await page.getByRole('radiogroup', { name: 'On the desktop' }).getByRole('radio', { name: 'On' }).click();
      await page.getByRole('link', { name: /^Guests/ }).click();
      await house().container('dies', ['sh', '-c', 'sleep 1; exit 3']);
      await house().home.ok(['start', 'dies', 'one']);
      await house().home.ok(['kill', 'one']);
      await expect.poll(told).toEqual(['dies ended by itself, with an error.']);
      await seen(page.getByText('dies ended by itself, with an error.'));
    });
  },
  {
    prepare: async (house) => {
      await servedWithBusybox(house);
      for (const name of ['one', 'two', 'three', 'four'])
        await house.container(name, ['sh', '-c', 'trap exit TERM; sleep 3600 & wait']);
    },
  },
);
