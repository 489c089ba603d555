/** From an empty home to a guest that outlives the window and the server, all from the window. */
import { expect, test } from 'vitest';
import { terminalText, typeLine } from './house.ts';
import { describeWindow, gone, seen } from './window.ts';

describeWindow(
  'a first guest',
  (house) => {
    test('the empty list teaches, and builds the first image', async () => {
      const { page } = house();
      await seen(page.getByRole('heading', { name: 'Make your first guest' }));
      await page.getByRole('button', { name: 'Build the busybox image' }).click();
      // Done within a second or two; its progress may be gone before anybody looks, its trace in Activity is not.
      await seen(page.getByText('The image busybox:latest is ready.'));
      await page.getByRole('link', { name: 'Activity' }).click();
      await seen(page.getByText('Building busybox').or(page.getByText('Build busybox')).first());
      await page.getByRole('link', { name: /^Guests/ }).click();
    });

    test('New guest checks the name, says what will be made, and makes it', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'New guest from busybox:latest' }).click();
      const name = page.getByRole('textbox', { name: 'Name' });
      await name.fill('web');
      await seen(page.locator('.name').getByText('free'));
      const summary = page.getByRole('complementary', { name: 'Summary' });
      await seen(summary.getByText(/guesthouse create web[\s\S]*--isolation container/));
      await expect.poll(() => summary.locator('.say').innerText()).toMatch(/container.*web.*busybox/);
      await name.press('Control+Enter');
      await seen(page.getByRole('heading', { name: /web\s*Running/ }));
      expect(await house().state('web')).toBe('running');
    });

    test('what is typed into its console reaches a real shell', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'Console', exact: true }).click();
      const console = page.getByRole('group', { name: 'web, main' });
      await seen(console);
      await expect.poll(() => terminalText(page)).toMatch(/[#$] *$/m);
      await console.click();
      await typeLine(page, 'echo answer-$((6 * 7))');
      await expect.poll(() => terminalText(page)).toContain('answer-42');
    });

    test('a new shell takes what is typed next', async () => {
      const { page } = house();
      await page.getByRole('tab', { name: 'Console' }).click();
      await page.getByRole('button', { name: 'New shell' }).click();
      const shell = page.getByRole('group', { name: /^web, (?!main)/ });
      await seen(shell);
      await expect.poll(() => shell.evaluate((node) => node.contains(document.activeElement))).toBe(true);
    });

    test('its figures are drawn', async () => {
      const { page } = house();
      await page.getByRole('tab', { name: 'Resources' }).click();
      await seen(page.getByRole('region', { name: 'CPU' }));
      await expect
        .poll(() => page.getByRole('img', { name: /^Memory/ }).getAttribute('aria-label'))
        .toMatch(/now \d|\d+(\.\d+)? (KiB|MiB)/);
    });

    test('a reload brings the session back with its scrollback', async () => {
      const { page } = house();
      await page.reload();
      await expect.poll(() => terminalText(page)).toContain('answer-42');
    });

    test('so does a tab that was closed and is opened again', async () => {
      const { page } = house();
      await page.getByRole('region', { name: 'Consoles' }).getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: /^Close web main/ }).click();
      await gone(page.getByRole('group', { name: 'web, main' }));
      await page.getByRole('button', { name: 'Console', exact: true }).click();
      await expect.poll(() => terminalText(page)).toContain('answer-42');
    });
  },
  { steps: true },
);

describeWindow(
  'the tour',
  (house) => {
    const card = (title: string) => house().page.getByRole('dialog', { name: title });
    /** Its button has the focus; from elsewhere F6 leads to it. */
    const onwards = async (title: string, act: string) => {
      await seen(card(title));
      const button = card(title).getByRole('button', { name: act });
      await expect
        .poll(async () => {
          if (await button.evaluate((node) => node === document.activeElement)) return true;
          await house().page.keyboard.press('F6');
          return false;
        })
        .toBe(true);
      await house().page.keyboard.press('Enter');
    };

    test('makes a real container and leads through it by keyboard alone', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'Show me around' }).click();
      await onwards('A guest of your own', 'Make it');
      await onwards('This is it', 'Its console');
      await seen(page.getByRole('group', { name: 'tour, main' }));
      expect(await house().state('tour')).toBe('running');
      await onwards('A shell inside', 'Its graphs');
      await seen(page.getByRole('region', { name: 'CPU' }));
      await onwards('What it uses', 'And the end');
      await onwards('Gone, and back again', 'Delete it');
      await onwards('It is in the trash', 'Undo');
      await gone(page.getByRole('dialog'));
      await seen(page.getByRole('heading', { name: /tour\s*Stopped/ }));
      expect(await house().state('tour')).toBe('stopped');
    });

    test('begins again from Settings, and Esc ends it', async () => {
      const { page } = house();
      await page.getByRole('link', { name: /^Settings/ }).click();
      await page.getByRole('button', { name: 'Show me around' }).click();
      await seen(card('A guest of your own'));
      await page.keyboard.press('Escape');
      await gone(page.getByRole('dialog'));
      await seen(page.getByRole('row', { name: /^tour / }));
    });
  },
  { steps: true, browserOnly: true },
);

describeWindow(
  'a server that is killed',
  (house) => {
    test('is found again by the window; the guest ran on and its console has its scrollback', async () => {
      const { page, home } = house();
      house().expectTrouble(/WebSocket connection to .* failed/);
      await home.ok(['image', 'build', 'busybox']);
      await home.ok(['create', 'web', '--image', 'busybox', '--isolation', 'container']);
      await home.ok(['start', 'web']);
      await page.getByRole('row', { name: /^web / }).click();
      await page.getByRole('button', { name: 'Console', exact: true }).click();
      const console = page.getByRole('group', { name: 'web, main' });
      await console.click();
      await typeLine(page, 'echo before-$((6 * 7))');
      await expect.poll(() => terminalText(page)).toContain('before-42');

      await house().killServer();
      await seen(page.getByRole('alert').getByText('The link to the engine is lost'));
      await house().serve();
      await gone(page.getByRole('alert').getByText('The link to the engine is lost'));
      await seen(page.getByRole('contentinfo').getByText('Connected', { exact: true }));
      await expect.poll(() => terminalText(page)).toContain('before-42');
      await console.click();
      await typeLine(page, 'echo after-$((7 * 6))');
      await expect.poll(() => terminalText(page)).toContain('after-42');
      expect(await house().state('web')).toBe('running');
    });
  },
  { browserOnly: true },
);
