/** What hands do to a console: search, copy, follow links, paste, drag it out; what programs draw in it; and what becomes of it when its guest or engine goes. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type House, typeLine } from './house.ts';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

const PASTED_BYTES = 10 * 2 ** 20;

const screen = (page: Page) => page.getByRole('group', { name: 'hands, main' });
const text = async (page: Page) => (await screen(page).locator('.xterm-rows').innerText()).replaceAll('\u00a0', ' ');
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

/** As Ctrl Shift V would: the browser hands the text to what has the keyboard. */
async function paste(page: Page, given: string): Promise<void> {
  await screen(page).locator('.xterm-helper-textarea').focus();
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.activeElement?.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  }, given);
}

/** Where a text stands on the screen (CSS pixels), or null. */
const placeOf = (page: Page, wanted: string) =>
  screen(page)
    .locator('.xterm-rows')
    .evaluate((rows, wanted) => {
      const row = [...rows.children].findLast((one) => one.textContent?.trimEnd() === wanted);
      if (!row) return null;
      const range = document.createRange();
      range.selectNodeContents(row);
      const { left, top, height } = range.getBoundingClientRect();
      const cell =
        (row.firstElementChild as HTMLElement).getBoundingClientRect().width /
        (row.firstElementChild?.textContent?.length ?? 1);
      return { x: left, y: top + height / 2, cell };
    }, wanted);

describeWindow(
  'a console under the hand',
  (house) => {
    test('is searched: how many, the one before and after, by case, and none', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^hands / }).click();
      await page.getByRole('button', { name: 'Console', exact: true }).click();
      await screen(page).locator('.xterm-helper-textarea:focus').waitFor({ state: 'attached' });
      await typeLine(page, "clear; printf 'Needle\\nneedle\\nNEEDLE\\n'");
      await expect.poll(() => text(page)).toMatch(/^NEEDLE *$/m);
      await page.keyboard.press('Control+Shift+F');
      const field = page.getByRole('textbox', { name: 'Search' });
      await field.fill('ndle');
      const count = page.getByRole('search').getByRole('status');
      await expect.poll(() => count.innerText()).toBe('none');
      await field.fill('needle');
      await expect.poll(() => count.innerText()).toBe('3 of 3');
      await field.press('Enter');
      await expect.poll(() => count.innerText()).toBe('1 of 3');
      await field.press('Shift+Enter');
      await expect.poll(() => count.innerText()).toBe('3 of 3');
      await field.press('Shift+F3');
      await expect.poll(() => count.innerText()).toBe('2 of 3');
      await field.press('Alt+c');
      await expect.poll(() => count.innerText()).toBe('1 of 1');
      await field.press('Escape');
      await gone(field);
      await screen(page).locator('.xterm-helper-textarea:focus').waitFor({ state: 'attached' });
    });

    test('copies what is selected by hand', async () => {
      const { page } = house();
      await page.evaluate(() => navigator.clipboard.writeText('before'));
      const place = await placeOf(page, 'NEEDLE');
      if (!place) throw new Error('not on the screen');
      await page.mouse.dblclick(place.x + 2 * place.cell, place.y);
      await expect.poll(() => clipboard(page)).toBe('NEEDLE');
    });

    test('opens the address that is read, and asks where the text says another', async () => {
      const { page, url } = house();
      const shown = new URL('/shown', url).href;
      await typeLine(
        page,
        `clear; echo ${shown}; printf '\\033]8;;${shown}/hidden\\007looks-harmless\\033]8;;\\007\\n'`,
      );
      await expect.poll(() => text(page)).toMatch(/^looks-harmless *$/m);
      house().expectTrouble(/404|Failed to load/);
      const plain = await placeOf(page, shown);
      if (!plain) throw new Error('no link on the screen');
      const [opened] = await Promise.all([
        page.context().waitForEvent('page'),
        page.mouse.move(plain.x + 40, plain.y).then(() => page.mouse.click(plain.x + 40, plain.y)),
      ]);
      await expect.poll(() => opened.url()).toBe(shown);
      await opened.close();
      const other = await placeOf(page, 'looks-harmless');
      if (!other) throw new Error('no link on the screen');
      await page.mouse.move(other.x + 10, other.y);
      await seen(page.getByText(`Opens ${shown}/hidden`));
      await page.mouse.click(other.x + 10, other.y);
      await seen(page.getByText('The guest shows a link to another address than its text says.'));
      await page.getByRole('button', { name: 'Leave it' }).click();
    });

    test('asks before two lines are run, and runs one line by Enter alone', async () => {
      const { page } = house();
      await screen(page).click();
      await typeLine(page, 'clear; echo ready');
      await paste(page, 'echo one-$((1+1))\necho two-$((2+2))\n');
      await seen(page.getByText('Paste 2 lines?'));
      await page.getByRole('button', { name: 'Leave it' }).click();
      await paste(page, 'echo three-$((3+3))\n');
      await expect.poll(() => text(page)).toContain('echo three-$((3+3))');
      await page.waitForTimeout(300);
      expect(await text(page)).not.toContain('three-6');
      await page.keyboard.press('Enter');
      await expect.poll(() => text(page)).toContain('three-6');
      expect(await text(page)).not.toContain('one-2');
      await paste(page, 'echo one-$((1+1))\necho two-$((2+2))\n');
      await page.getByRole('button', { name: 'Paste', exact: true }).click();
      await expect.poll(() => text(page)).toMatch(/one-2[\s\S]*two-4/);
    });

    test('draws what programs write: any colour, wide characters, and marks above a letter', async () => {
      const { page } = house();
      await screen(page).click();
      // 漢 is two cells wide; the accent is a character of its own and takes none.
      await typeLine(
        page,
        `clear; printf '\\033[38;2;10;20;160mdeep\\033[0m\\nab|\\n\\346\\274\\242|\\ne\\314\\201b|\\n'; echo drawn-$((2 + 1))`,
      );
      await expect.poll(() => text(page)).toContain('drawn-3');
      const drawn = await screen(page)
        .locator('.xterm-rows')
        .evaluate((rows) => {
          const bars = [...rows.children].flatMap((row) => {
            const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              const at = node.textContent?.indexOf('|') ?? -1;
              if (at < 0 || /printf/.test(row.textContent ?? '')) continue;
              const range = document.createRange();
              range.setStart(node, at);
              range.setEnd(node, at + 1);
              return [Math.round(range.getBoundingClientRect().left)];
            }
            return [];
          });
          const deep = [...rows.querySelectorAll('span')].find((span) => span.textContent === 'deep');
          return { bars, colour: deep && getComputedStyle(deep).color };
        });
      expect(drawn.colour).toBe('rgb(10, 20, 160)');
      expect(drawn.bars).toHaveLength(3);
      for (const left of drawn.bars) expect(Math.abs(left - (drawn.bars[0] as number))).toBeLessThanOrEqual(1);
    });

    test('tells a program of the mouse and of what is pasted, when it asks', async () => {
      const { page } = house();
      await typeLine(page, `clear; printf '\\033[?1000h\\033[?1006h\\033[?2004h'; echo listens-$((3 + 2)); cat -v`);
      await expect.poll(() => text(page)).toContain('listens-5');
      const box = await screen(page).locator('.xterm-screen').boundingBox();
      if (!box) throw new Error('no screen');
      await page.mouse.click(box.x + 30, box.y + box.height - 10);
      await expect.poll(() => text(page)).toMatch(/\^\[\[<0;\d+;\d+M\^\[\[<0;\d+;\d+m/);
      await paste(page, 'two words');
      await expect.poll(() => text(page)).toContain('^[[200~two words^[[201~');
      await page.keyboard.press('Control+c');
      await typeLine(page, `printf '\\033[?1000l\\033[?1006l\\033[?2004l'; clear; echo $((3 * 3))-modes`);
      await expect.poll(() => text(page)).toContain('9-modes');
    });

    test('takes ten megabytes pasted, whole, and the window stays awake', async () => {
      const { page } = house();
      await typeLine(page, `clear; stty raw -echo; head -c ${PASTED_BYTES} | wc -c; stty sane`);
      await page.waitForTimeout(500);
      await paste(page, `${'x'.repeat(1023)}\n`.repeat(PASTED_BYTES / 1024));
      await seen(page.getByText(/^Paste 10,240 lines\?/));
      await page.getByRole('button', { name: 'Paste', exact: true }).click();
      const begun = performance.now();
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      console.log(`the next picture after ${(performance.now() - begun).toFixed(0)} ms`);
      await expect.poll(() => text(page), { timeout: 60_000 }).toContain(String(PASTED_BYTES));
      await typeLine(page, 'echo $((5 * 5))-after');
      await expect.poll(() => text(page)).toContain('25-after');
    });

    test('dragged out of the window it has a window of its own, which shows the same', async () => {
      const { page } = house();
      const tab = page.getByRole('tab', { name: /^hands/ }).locator('xpath=..');
      const box = await tab.boundingBox();
      if (!box) throw new Error('no tab');
      const popup = page.context().waitForEvent('page');
      await page.mouse.move(box.x + 20, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + 20, box.y - 40, { steps: 4 });
      await page.mouse.move(-60, 200, { steps: 6 });
      await page.mouse.up();
      const out = await popup;
      await expect.poll(() => text(out)).toContain('25-after');
      await typeLine(out, 'echo $((9 * 9))-out');
      await expect.poll(() => text(page)).toContain('81-out');
      await out.close();
    });

    test('shows what was there and goes on when the engine was killed and is back', async () => {
      const { page } = house();
      house().expectTrouble(/WebSocket|Failed to load|ERR_CONNECTION/);
      await house().killServer();
      await seen(page.getByText('The link to the engine is lost.').first());
      await house().serve();
      await gone(page.getByText('The link to the engine is lost.').first());
      await expect.poll(() => text(page)).toContain('81-out');
      await screen(page).click();
      await typeLine(page, 'echo $((4 * 4))-back');
      await expect.poll(() => text(page)).toContain('16-back');
    });

    test('says how its program ended when the guest dies, and starts it again', async () => {
      const { page } = house();
      await house().home.ok(['kill', 'hands']);
      await seen(page.getByText(/The program ended with exit code 137/).first());
      await page.getByRole('button', { name: 'Start hands' }).first().click();
      await gone(page.getByText(/The program ended/).first());
      await screen(page).click();
      await typeLine(page, 'echo $((6 * 6))-again');
      await expect.poll(() => text(page)).toContain('36-again');
    });

    test('is gone with a guest that is deleted elsewhere, and so is the question whether to delete it', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^hands / }).click();
      await page.keyboard.press('Delete');
      await seen(page.getByRole('alertdialog'));
      await house().home.ok(['rm', '-f', '--now', 'hands']);
      await gone(page.getByRole('alertdialog'));
      await seen(page.getByText('This guest is no more'));
      await gone(page.getByRole('row', { name: /^hands / }));
      await gone(page.getByRole('tab', { name: /^hands/ }));
    });
  },
  {
    browserOnly: true,
    steps: true,
    prepare: async (house: House) => {
      await withBusybox(house);
      await house.container('hands', ['sh'], ['--hostname', 'hands', '-t']);
      await house.home.ok(['start', 'hands']);
    },
  },
);
