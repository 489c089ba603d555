/** Being told without looking: who uses most, thresholds and their notices, changes said aloud, and a window for eyes that need more. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeWindow, gone, hearNotices, seen, servedWithBusybox } from './window.ts';

/** Steps of the Tab key on each page. */
const TABS = 20;
const RULE = 'cpu>5 name:busy';

const choose = (page: Page, group: string, name: string) =>
  page.getByRole('radiogroup', { name: group }).getByRole('radio', { name, exact: true }).click();

/** Whether the focus shows in a picture of what has it: of a slider's knob no style can be read. */
async function changesPicture(page: Page): Promise<boolean> {
  const clip = await page.locator(':focus').boundingBox();
  if (!clip) return false;
  const focused = await page.screenshot({ clip });
  const control = await page.evaluateHandle(() => {
    const at = document.activeElement as HTMLElement;
    at.blur();
    return at;
  });
  const left = await page.screenshot({ clip });
  await control.evaluate((one) => one.focus());
  return !focused.equals(left);
}

describeWindow(
  'watching',
  (house) => {
    test('all guests stand on one chart, who uses most first, and as a table', async () => {
      const { page } = house();
      await page.getByRole('link', { name: /^Resources/ }).click();
      const all = page.getByRole('region', { name: 'All guests' });
      const first = all.getByRole('row').nth(1);
      await expect.poll(() => first.innerText()).toMatch(/^busy\s+\d/);
      await expect
        .poll(() => all.getByRole('img').first().getAttribute('aria-label'))
        .toMatch(/^CPU of all guests over the last five minutes, stacked\. busy average \d+ %/);
      const download = page.waitForEvent('download');
      await all.getByRole('button', { name: 'CSV' }).click();
      expect((await download).suggestedFilename()).toMatch(/cpu.*\.csv$/);
      await choose(page, 'Range', '1 h');
      await expect.poll(() => all.getByRole('img').first().getAttribute('aria-label')).toContain('the last hour');
      await all.getByRole('button', { name: /busy/ }).click();
      await seen(page.getByRole('img', { name: /^CPU over/ }));
    });

    test('a threshold without a figure is refused in its field, one crossed for long enough is told once', async () => {
      const { page } = house();
      const told = await hearNotices(page);
      await page.getByRole('link', { name: /^Resources/ }).click();
      const form = page.getByRole('region', { name: 'Thresholds' });
      const field = form.getByRole('textbox');
      await field.fill('state:running');
      await form.getByRole('combobox').selectOption({ label: '10 s' });
      await form.getByRole('button', { name: 'Add a threshold' }).click();
      await seen(form.getByRole('alert').filter({ hasText: 'It wants a figure' }));
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      await field.fill(RULE);
      await form.getByRole('button', { name: 'Add a threshold' }).click();
      await gone(form.getByRole('alert'));
      await seen(form.getByText('1 guest now'));
      await expect.poll(told, { timeout: 60_000 }).toEqual([`busy: ${RULE} for 10 s`]);
      await seen(page.getByText(`busy: ${RULE} for 10 s`));
      await form.getByRole('button', { name: `Remove ${RULE}` }).click();
      await gone(form.getByText(RULE));
    });

    test('a change of state is said aloud', async () => {
      const { page } = house();
      const heard = page.evaluate(
        () =>
          new Promise<string[]>((resolve) => {
            const said: string[] = [];
            const live = document.querySelector('[role="status"][aria-live="polite"].sr') as HTMLElement;
            new MutationObserver(() => {
              if (live.innerText) said.push(live.innerText);
              if (/calm: Stopped/.test(live.innerText)) resolve(said);
            }).observe(live, { subtree: true, childList: true, characterData: true });
          }),
      );
      await house().home.ok(['kill', 'calm']);
      expect((await heard).at(-1)).toBe('calm: Stopped');
    });

    test('every control that the keyboard reaches says where it is, also in high contrast', async () => {
      const { page } = house();
      const section = (name: string) => page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
      const places: Record<string, () => Promise<unknown>> = {
        settings: () => page.locator('body').click({ position: { x: 700, y: 790 } }),
        list: async () => {
          await section('Guests');
          await page.getByRole('grid', { name: 'Guests' }).focus();
        },
        guest: async () => {
          await page.getByRole('row', { name: /^calm / }).click();
          await page.getByRole('tab', { name: 'Settings' }).focus();
        },
        dock: async () => {
          const consoles = page.getByRole('region', { name: 'Consoles' });
          await page.keyboard.press('Control+j');
          // A log: of a terminal the Tab key would be the guest's.
          if ((await consoles.getByRole('tab').count()) === 0) {
            await consoles.getByRole('button', { name: 'Open a console' }).click();
            await page.getByRole('menuitem', { name: 'calm' }).click();
            await page.getByRole('menuitem', { name: /^Log/ }).click();
          }
          await consoles.getByRole('tab', { name: /^calm log/ }).focus();
        },
        'New guest': async () => {
          await page.keyboard.press('Control+j');
          await page.getByRole('button', { name: 'New guest' }).first().click();
          await page.getByRole('textbox', { name: 'Name' }).focus();
        },
      };
      for (const theme of ['Dark', 'High contrast', 'Light']) {
        await section('Settings');
        await choose(page, 'Theme', theme);
        for (const [place, go] of Object.entries(places)) {
          await go();
          const reached = new Set<string>();
          for (let at = 0; at < TABS; at++) {
            await page.keyboard.press('Tab');
            const { unseen, control } = await page.evaluate(() => {
              const at = document.activeElement as HTMLElement | null;
              if (!at || at === document.body) return { unseen: false, control: '' };
              const control = at.outerHTML.slice(0, 200);
              // Its own outline, or that of the frame that stands for it.
              for (let one: HTMLElement | null = at, up = 0; one && up < 4; one = one.parentElement, up++) {
                const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
                if ((outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== 'none')
                  return { unseen: false, control };
              }
              return { unseen: true, control };
            });
            expect(unseen && !(await changesPicture(page)) ? control : null, `focus in ${place}, ${theme}`).toBeNull();
            reached.add(control);
          }
          expect(reached.size, `controls of ${place}`).toBeGreaterThan(5);
        }
      }
    });

    test('rows stand wider apart when that is wished, at once and after a reload', async () => {
      const { page } = house();
      const height = async () => (await page.getByRole('row', { name: /^busy / }).boundingBox())?.height ?? 0;
      await page.getByRole('link', { name: /^Guests/ }).click();
      const dense = await height();
      await page.getByRole('link', { name: /^Settings/ }).click();
      await choose(page, 'Density', 'Comfortable');
      await page.getByRole('link', { name: /^Guests/ }).click();
      await expect.poll(height).toBeGreaterThan(dense);
      await page.reload();
      await expect.poll(height).toBeGreaterThan(dense);
    });

    test('nothing moves for who wants no motion', async () => {
      const { page } = house();
      const moving = await page.evaluate(
        () =>
          [...document.querySelectorAll('*')].filter((one) => {
            const { transitionDuration, animationDuration, animationName } = getComputedStyle(one);
            const seconds = (text: string) => Math.max(...text.split(',').map((part) => Number.parseFloat(part)));
            return (
              seconds(transitionDuration) > 0.01 || (animationName !== 'none' && seconds(animationDuration) > 0.01)
            );
          }).length,
      );
      expect(moving).toBe(0);
    });
  },
  {
    browserOnly: true,
    steps: true,
    prepare: async (house) => {
      await servedWithBusybox(house);
      await house.container('busy', [
        'sh',
        '-c',
        'while :; do i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; sleep 0.1; done',
      ]);
      await house.container('calm');
      await house.home.ok(['start', 'busy', 'calm']);
    },
  },
);
