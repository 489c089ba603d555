/** Several consoles at once: beside each other, typed into together, kept as a file, as large as one likes. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type House, typeLine } from './house.ts';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

const consoles = (page: Page) => page.getByRole('region', { name: 'Consoles' });
const screenOf = (page: Page, name: string) => page.getByRole('group', { name: `${name}, main` });
const textOf = async (page: Page, name: string) =>
  (await screenOf(page, name).locator('.xterm-rows').innerText()).replaceAll('\u00a0', ' ');

async function openMain(page: Page, name: string): Promise<void> {
  await page.getByRole('row', { name: new RegExp(`^${name} `) }).click();
  await page.getByRole('button', { name: 'Console', exact: true }).click();
  await seen(screenOf(page, name));
  // Also the first, which opens the dock.
  await screenOf(page, name).locator('.xterm-helper-textarea:focus').waitFor({ state: 'attached' });
}

const tabOf = (page: Page, name: string) => page.getByRole('tab', { name: new RegExp(`^${name}\\b`) });
const more = (page: Page, pane: number) => consoles(page).getByRole('button', { name: 'More' }).nth(pane).click();

describeWindow(
  'consoles',
  (house) => {
    test('a tab dragged to the right half of the dock stands beside the other', async () => {
      const { page } = house();
      for (const name of ['left', 'right']) await openMain(page, name);
      const panel = page.getByRole('tabpanel', { name: /^right/ }).last();
      const { width, height } = (await panel.boundingBox()) as { width: number; height: number };
      await page
        .getByRole('tab', { name: /^right/ })
        .locator('xpath=..')
        .dragTo(panel, { targetPosition: { x: width * 0.8, y: height / 2 } });
      await seen(screenOf(page, 'left'));
      await seen(screenOf(page, 'right'));
      expect(await consoles(page).getByRole('button', { name: 'More' }).count()).toBe(2);
    });

    test('what is typed goes to all of a group, and says so', async () => {
      const { page } = house();
      await more(page, 0);
      await page.getByRole('menuitem', { name: 'Type in all open consoles together' }).click();
      await expect.poll(() => page.getByText('What is typed goes to 2 consoles.').count()).toBe(2);
      await screenOf(page, 'left').click();
      await typeLine(page, 'echo $((6 * 7))-$HOSTNAME');
      await expect.poll(() => textOf(page, 'left')).toContain('42-left');
      await expect.poll(() => textOf(page, 'right')).toContain('42-right');
      await page.getByRole('button', { name: 'Type in one only' }).first().click();
      await gone(page.getByText('What is typed goes to 2 consoles.').first());
      await screenOf(page, 'left').click();
      await typeLine(page, 'echo $((6 * 8))-alone');
      await expect.poll(() => textOf(page, 'left')).toContain('48-alone');
      expect(await textOf(page, 'right')).not.toContain('48');
    });

    test('what a console shows is saved as a file', async () => {
      const { page } = house();
      await more(page, 0);
      const download = page.waitForEvent('download');
      await page.getByRole('menuitem', { name: 'Save what it shows as a file' }).click();
      const file = await download;
      expect(file.suggestedFilename()).toMatch(/^left-[\d-]+\.txt$/);
      expect(readFileSync((await file.path()) as string, 'utf8')).toMatch(/^42-left\n[\s\S]*^48-alone\n/m);
    });

    test('its type grows in all of them, in the settings as well, and stays', async () => {
      const { page } = house();
      const sizeOf = () =>
        screenOf(page, 'left')
          .locator('.xterm-rows')
          .evaluate((rows) => Number.parseFloat(getComputedStyle(rows).fontSize));
      const before = await sizeOf();
      await page.getByRole('link', { name: 'Settings' }).click();
      for (let i = 0; i < 3; i++) await page.getByRole('button', { name: 'Larger type' }).click();
      await expect.poll(sizeOf).toBe(before + 3);
      await page.reload();
      await seen(screenOf(page, 'left'));
      await expect.poll(sizeOf).toBe(before + 3);
    });

    test('what a guest writes to attack the window does nothing to it', async () => {
      const { page } = house();
      await page.evaluate(() => navigator.clipboard.writeText('mine'));
      await screenOf(page, 'left').click();
      // Title, clipboard, and counts that would take minutes each.
      const counts = [...'bLMSTIZ'].map((final) => `x\\033[999999999${final}`).join('');
      await typeLine(page, `printf '\\033]0;owned\\007\\033]52;c;b3duZWQ=\\007${counts}\\n'; echo $((7 * 8))-alive`);
      await expect.poll(() => textOf(page, 'left')).toContain('56-alive');
      expect(await page.title()).not.toContain('owned');
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine');
    });

    test('a flood in one holds up neither the other nor the window, and Ctrl-C ends it', async () => {
      const { page } = house();
      await screenOf(page, 'right').click();
      await typeLine(page, 'clear; while :; do echo water-water-water; done');
      await expect.poll(() => textOf(page, 'right')).toMatch(/(water-water-water\s+){4}/);
      await screenOf(page, 'left').click();
      await typeLine(page, 'clear; echo $((9 * 8))-dry');
      await expect.poll(() => textOf(page, 'left')).toContain('72-dry');
      await page.getByRole('link', { name: /^Images/ }).click();
      await seen(page.getByRole('heading', { name: 'Images', level: 1 }));
      expect(await textOf(page, 'right')).toContain('water-water');
      await screenOf(page, 'right').click();
      await page.keyboard.press('Control+c');
      await typeLine(page, 'clear; echo $((9 * 7))-calm');
      await expect.poll(() => textOf(page, 'right')).toContain('63-calm');
      expect(await textOf(page, 'right')).not.toContain('water');
    });

    test('closed and opened anew the dock is what it was: both sides, a further shell, and what they show', async (context) => {
      context.skip(house().shell === 'electron', 'its only window is the program');
      await house().page.keyboard.press('Control+Shift+T');
      await house().page.getByRole('menuitem', { name: 'right' }).click();
      await house()
        .page.getByRole('menuitem', { name: /^New shell/ })
        .click();
      const shell = (page: Page) => page.getByRole('group', { name: 'right, sh' });
      await seen(shell(house().page));
      await typeLine(house().page, 'echo $((11 * 11))-shell');
      const shellText = async (page: Page) => (await shell(page).locator('.xterm-rows').innerText()).trim();
      await expect.poll(() => shellText(house().page)).toContain('121-shell');
      await house().reopen();
      const { page } = house();
      await expect.poll(() => shellText(page)).toContain('121-shell');
      expect(await consoles(page).getByRole('button', { name: 'More' }).count()).toBe(2);
      await expect.poll(() => textOf(page, 'left')).toContain('72-dry');
      await shell(page).click();
      await typeLine(page, 'echo $((12 * 12))-goes-on');
      await expect.poll(() => shellText(page)).toContain('144-goes-on');
      await more(page, 1);
      await page.getByRole('menuitem', { name: 'End sh' }).click();
      await gone(tabOf(page, 'right sh'));
      await expect.poll(() => textOf(page, 'right')).toContain('63-calm');
    });

    test('a tab closed leaves one side', async () => {
      const { page } = house();
      await more(page, 1);
      await page.getByRole('menuitem', { name: /^Close right main/ }).click();
      await gone(screenOf(page, 'right'));
      await expect.poll(() => consoles(page).getByRole('button', { name: 'More' }).count()).toBe(1);
    });

    test('all of it goes by keyboard alone', async () => {
      const { page } = house();
      const sides = () => consoles(page).getByRole('button', { name: 'More' }).count();
      const keyboardAt = (name: string) =>
        screenOf(page, name).locator('.xterm-helper-textarea:focus').waitFor({ state: 'attached' });
      /** Out of the console, where the keys are the guest's, and back into the dock's own. */
      const toTab = async (name: string) => {
        await page.keyboard.press('F6');
        await page.keyboard.press('Shift+F6');
        await expect.poll(() => tabOf(page, name).evaluate((tab) => tab === document.activeElement)).toBe(true);
      };
      await screenOf(page, 'left').click();
      await page.keyboard.press('Control+Shift+J');
      await gone(screenOf(page, 'left'));
      await page.keyboard.press('Control+j');
      await seen(screenOf(page, 'left'));
      await screenOf(page, 'left').click();
      await page.keyboard.press('Control+Shift+T');
      await seen(page.getByRole('menu'));
      for (const key of ['r', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
      await keyboardAt('right');
      await toTab('right main');
      await page.keyboard.press('Control+Tab');
      await keyboardAt('left');
      await toTab('left main');
      await page.keyboard.press('ArrowRight');
      await keyboardAt('right');
      await toTab('right main');
      await page.keyboard.press('Control+\\');
      await expect.poll(sides).toBe(2);
      await seen(screenOf(page, 'left'));
      await keyboardAt('right');
      await page.keyboard.press('Control+Shift+W');
      await gone(screenOf(page, 'right'));
      await expect.poll(sides).toBe(1);
    });

    test('its colours, cursor, lines kept and copying are as the settings say', async () => {
      const { page } = house();
      const settings = page.getByRole('region', { name: 'Consoles' }).filter({ hasText: 'Lines kept' });
      const choose = (group: string, name: string) =>
        settings.getByRole('radiogroup', { name: group }).getByRole('radio', { name, exact: true }).click();
      const ground = () =>
        screenOf(page, 'left')
          .locator('.xterm-scrollable-element')
          .evaluate((node) => getComputedStyle(node).backgroundColor);
      const lightness = async () => Math.max(...((await ground()).match(/[\d.]+/g) ?? []).slice(0, 3).map(Number));
      await page.getByRole('link', { name: 'Settings' }).click();
      await expect.poll(lightness).toBeGreaterThan(200);
      await choose('Colours', 'Dark');
      await expect.poll(lightness).toBeLessThan(80);
      await choose('Colours', 'As the window');
      await expect.poll(lightness).toBeGreaterThan(200);

      await choose('Cursor', 'Bar');
      await settings.getByRole('checkbox', { name: 'Cursor blinks' }).check();
      await choose('Lines kept', '1,000');
      await settings.getByRole('checkbox', { name: 'Selecting copies' }).uncheck();
      await screenOf(page, 'left').click();
      await screenOf(page, 'left').locator('.xterm-cursor-bar.xterm-cursor-blink').waitFor({ state: 'attached' });
      await typeLine(page, 'clear; seq 3000; echo $((13 * 13))-counted');
      await expect.poll(() => textOf(page, 'left')).toContain('169-counted');
      await more(page, 0);
      const download = page.waitForEvent('download');
      await page.getByRole('menuitem', { name: 'Save what it shows as a file' }).click();
      const kept = readFileSync((await (await download).path()) as string, 'utf8').split('\n');
      expect(kept).toContain('2050');
      expect(kept).not.toContain('1950');

      await page.evaluate(() => navigator.clipboard.writeText('mine'));
      const word = screenOf(page, 'left').locator('.xterm-rows > div', { hasText: /^169-counted/ });
      const copied = async (): Promise<string> => {
        const { x, y, height } = (await word.boundingBox()) as { x: number; y: number; height: number };
        await page.mouse.dblclick(x + 10, y + height / 2);
        await screenOf(page, 'left').locator('.xterm-selection div').first().waitFor({ state: 'attached' });
        return page.evaluate(() => navigator.clipboard.readText());
      };
      expect(await copied()).toBe('mine');
      await settings.getByRole('checkbox', { name: 'Selecting copies' }).check();
      await expect.poll(copied).toBe('169-counted');
    });
  },
  {
    steps: true,
    prepare: async (house: House) => {
      await withBusybox(house);
      for (const name of ['left', 'right']) {
        await house.container(name, ['sh'], ['--hostname', name, '-t']);
        await house.home.ok(['start', name]);
      }
    },
  },
);
