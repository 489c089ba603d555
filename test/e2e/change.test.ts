/** A guest's page beyond its life: settings changed, renamed, cloned, its processes and its files. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

describeWindow(
  'a guest is changed',
  (house) => {
    const inspect = async (name: string) => JSON.parse(await house().home.ok(['inspect', name]));

    test('what happened before this engine stands in its overview', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^web / }).click();
      const recent = page.getByRole('region', { name: 'Recent activity' });
      for (const act of ['Create web', 'Start web'])
        await seen(recent.getByRole('row', { name: new RegExp(`^${act} .* Done$`) }));
    });

    test('at once what goes at once', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^web / }).click();
      await page.keyboard.press('Alt+e');
      const form = page.getByRole('form', { name: 'Edit settings' });
      await form.getByRole('spinbutton', { name: 'Memory' }).fill('1');
      await seen(page.getByText('One thing to mend first.'));
      await form.getByRole('spinbutton', { name: 'Memory' }).fill('96');
      await seen(page.getByText('At once: memory.'));
      const before = (await inspect('web')).startedAt;
      await page.getByRole('button', { name: 'Apply', exact: true }).click();
      await gone(form);
      await seen(page.getByText('96 MiB').first());
      expect(await inspect('web')).toMatchObject({ startedAt: before, spec: { memoryMib: 96 } });
    });

    test('by making it anew, after a question that names what changes', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await page.getByRole('button', { name: 'Add variable' }).click();
      await page.keyboard.type('GREETING=hi there');
      await page.getByRole('textbox', { name: 'Host name' }).fill('other');
      await page.getByRole('button', { name: 'Add limit' }).click();
      await page.keyboard.type('nofile=99:100');
      await page.getByRole('checkbox', { name: /No new privileges/ }).check();
      await page.getByRole('textbox', { name: 'Also called' }).fill('www');
      await page.getByRole('textbox', { name: 'Hardware address (MAC)' }).fill('02-00-00-00-00-07');
      await page.getByRole('spinbutton', { name: 'Most processes' }).fill('200');
      await seen(page.getByText(/Needs it made anew:.*environment/));
      await page.getByRole('button', { name: 'Recreate with these settings' }).click();
      const question = page.getByRole('alertdialog', { name: 'Recreate web?' });
      await seen(question.getByText(/same data.*environment.*host name/));
      await question.getByRole('button', { name: 'Recreate web' }).click();
      await gone(page.getByRole('form', { name: 'Edit settings' }));
      await expect.poll(async () => (await inspect('web')).state).toBe('running');
      expect(await house().home.ok(['exec', 'web', '--', 'sh', '-c', 'echo $GREETING, $(hostname)'])).toContain(
        'hi there, other',
      );
      expect(
        await house().home.ok(['exec', 'web', '--', 'sh', '-c', 'ulimit -Hn; grep NoNewPrivs /proc/1/status']),
      ).toBe('100\nNoNewPrivs:\t1\n');
      expect((await inspect('web')).spec).toMatchObject({
        aliases: ['www'],
        macAddress: '02-00-00-00-00-07',
        pidsLimit: 200,
      });
    });

    test('and renamed', async () => {
      const { page } = house();
      await page.keyboard.press('F2');
      const name = page.getByRole('dialog').getByRole('textbox', { name: 'Name' });
      await name.fill('taken');
      await page.keyboard.press('Enter');
      await seen(page.getByRole('dialog').getByRole('alert'));
      await name.fill('front');
      await page.keyboard.press('Enter');
      await seen(page.getByRole('heading', { name: /front\s*Running/ }));
    });

    test('and cloned from the palette', async () => {
      const { page } = house();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('clone front');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Clone', exact: true }).click();
      await page.getByRole('button', { name: 'Show' }).click();
      await seen(page.getByRole('heading', { name: /front-2\s*Stopped/ }));
    });

    test('its processes are seen', async () => {
      const { page } = house();
      await page
        .getByRole('row', { name: /^front / })
        .first()
        .click();
      await page.getByRole('tab', { name: 'Processes' }).click();
      await seen(page.getByRole('rowheader', { name: 'sleep 3600', exact: true }));
    });

    test('its files are walked by keyboard, filled, renamed, fetched and deleted', async () => {
      const { page } = house();
      await page.getByRole('tab', { name: 'Files' }).click();
      const grid = (path: string) => page.getByRole('grid', { name: `Files in ${path}` });
      await grid('/').focus();
      await page.keyboard.press('t');
      await page.keyboard.press('Enter');
      await seen(page.getByText('0 entries'));
      await page.getByRole('button', { name: 'New folder' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('sub');
      await page.keyboard.press('Enter');
      await seen(grid('/tmp').getByRole('row', { name: /^sub/ }));
      await grid('/tmp').focus();
      await page.keyboard.press('Enter');
      await seen(page.getByText('0 entries'));
      const content = 'line\n'.repeat(200_000);
      await page.setInputFiles('input[type=file]', {
        name: 'big file.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from(content),
      });
      await seen(grid('/tmp/sub').getByRole('row', { name: /^big file\.txt.*977 KiB/ }));
      await grid('/tmp/sub').focus();
      await page.keyboard.press('F2');
      await page.getByRole('textbox', { name: 'New name or path' }).fill('told');
      await page.keyboard.press('Enter');
      await seen(grid('/tmp/sub').getByRole('row', { name: /^told/ }));
      const download = page.waitForEvent('download');
      await grid('/tmp/sub').getByRole('row', { name: /^told/ }).dblclick();
      expect(readFileSync((await (await download).path()) as string, 'utf8')).toBe(content);
      await grid('/tmp/sub').focus();
      await page.keyboard.press('Delete');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete told' }).click();
      await seen(page.getByText('0 entries'));
      await page.getByRole('radio', { name: 'Changes' }).click();
      await seen(page.getByRole('listitem').filter({ hasText: '/tmp/sub' }));
    });

    test('a file’s name turns no sentence around', async () => {
      const { page, home } = house();
      const names = { hebrew: 'שלום.txt', over: 'photo\u202egpj.exe' };
      for (const name of Object.values(names))
        await home.ok(['exec', 'front', '--', 'sh', '-c', 'touch "/tmp/sub/$0"', name]);
      await page.getByRole('tab', { name: 'Files' }).click();
      await page.getByRole('radio', { name: 'Files', exact: true }).click();
      const grid = (path: string) => page.getByRole('grid', { name: `Files in ${path}` });
      await page.getByRole('button', { name: 'Read anew' }).click();
      // What would turn it is to be seen, and the rest reads as it is.
      await seen(grid('/tmp/sub').getByText('photo\ufffdgpj.exe', { exact: true }));
      // The palette has what can be done to the chosen one.
      await grid('/tmp/sub')
        .getByRole('row', { name: /^photo/ })
        .click();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('rename photo');
      await page.keyboard.press('Enter');
      await page.getByRole('textbox', { name: 'New name or path' }).fill('photo.exe');
      await page.keyboard.press('Enter');
      await seen(grid('/tmp/sub').getByText('photo.exe', { exact: true }));
      await grid('/tmp/sub').getByRole('row', { name: /שלום/ }).click();
      await page.keyboard.press('Delete');
      const dialog = page.getByRole('alertdialog');
      const title = dialog.getByRole('heading');
      expect(await title.innerText()).toBe(`Delete \u2068${names.hebrew}\u2069?`);
      // The question mark stands behind the name, not before it.
      const places = await title.evaluate((node) => {
        const words = document.createTreeWalker(node, NodeFilter.SHOW_TEXT).nextNode() as Text;
        const left = (at: number) => {
          const range = document.createRange();
          range.setStart(words, at);
          range.setEnd(words, at + 1);
          return range.getBoundingClientRect().left;
        };
        return [left(0), left(words.data.indexOf('\u2068') + 1), left(words.data.length - 1)];
      });
      expect(places[0]).toBeLessThan(places[1] as number);
      expect(places[1]).toBeLessThan(places[2] as number);
      await dialog.getByRole('button', { name: `Delete \u2068${names.hebrew}\u2069` }).click();
      await gone(grid('/tmp/sub').getByRole('row', { name: /שלום/ }));
    });

    test('an emoji and markup in a file’s name are text to be read', async () => {
      const { page, home } = house();
      // No slash can be in it, so what it would open stays open.
      const odd = '🦊 <b>x<img src=q>&amp;.txt';
      await home.ok(['exec', 'front', '--', 'sh', '-c', 'touch "/tmp/sub/$0"', odd]);
      await page.getByRole('button', { name: 'Read anew' }).click();
      const grid = page.getByRole('grid', { name: 'Files in /tmp/sub' });
      const shown = grid.getByText(odd, { exact: true });
      await shown.click();
      expect(await grid.locator('b, img').count()).toBe(0);
      await page.keyboard.press('Delete');
      const dialog = page.getByRole('alertdialog');
      expect(await dialog.getByRole('heading').innerText()).toBe(`Delete ${odd}?`);
      expect(await dialog.locator('b, img').count()).toBe(0);
      await dialog.getByRole('button', { name: `Delete ${odd}`, exact: true }).click();
      await gone(shown);
      await expect.poll(() => home.ok(['exec', 'front', 'ls', '/tmp/sub'])).not.toContain('🦊');
    });

    test('its log is read with times', async () => {
      const { page } = house();
      await page.getByRole('tab', { name: 'Console' }).click();
      await page.getByRole('radio', { name: 'Log' }).click();
      await seen(page.getByRole('log').getByText('ready').first());
      await page.getByRole('button', { name: 'Show when each line was written' }).click();
      await expect.poll(() => page.getByRole('log').innerText()).toMatch(/\d\d:\d\d:\d\d\.\d{3}\s*ready/);
    });

    test('and what happened stands in Activity', async () => {
      const { page } = house();
      await page.getByRole('link', { name: /^Activity/ }).click();
      await page.getByRole('radio', { name: 'Events' }).click();
      const events = page.getByRole('list', { name: 'Events' });
      await seen(events.getByText(/front was renamed/).first());
      await house().home.ok(['stop', '-t', '0', 'front']);
      await seen(events.getByText(/front ended/).first());
    });

    test('a form that is open on a guest deleted elsewhere says so, and what was filled in is not lost with it', async () => {
      const { page, home } = house();
      await page.getByRole('link', { name: /^Guests/ }).click();
      await page.getByRole('row', { name: /^taken / }).click();
      await page.keyboard.press('Alt+e');
      const form = page.getByRole('form', { name: 'Edit settings' });
      await form.getByRole('spinbutton', { name: 'Memory' }).fill('80');
      // In a field the key would be the field's.
      await page.getByRole('grid', { name: 'Guests' }).focus();
      await page.keyboard.press('F2');
      const rename = page.getByRole('dialog');
      await rename.getByRole('textbox', { name: 'Name' }).fill('kept');
      await home.ok(['rm', '-f', 'taken']);
      await seen(page.getByText('This guest is no more'));
      await page.keyboard.press('Enter');
      await seen(rename.getByRole('alert').getByText(/no guest/i));
      expect(await rename.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('kept');
      // Put back it is the guest it was, and so are the name and the settings that were asked for.
      await home.ok(['trash', 'restore', 'taken']);
      await rename.getByRole('textbox', { name: 'Name' }).press('Enter');
      await gone(rename);
      await page.getByRole('row', { name: /^kept / }).click();
      await page.getByRole('tab', { name: 'Settings' }).click();
      await expect.poll(() => form.getByRole('spinbutton', { name: 'Memory' }).inputValue()).toBe('80');
      // A clone is asked for in a form that closes at once: what hinders it is said as a notice.
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('clone kept');
      await page.keyboard.press('Enter');
      const clone = page.getByRole('button', { name: 'Clone', exact: true });
      await seen(clone);
      await home.ok(['rm', '-f', '--now', 'kept']);
      await gone(page.locator('[data-guest]').filter({ hasText: /^kept/ }));
      await clone.click();
      await seen(page.getByText(/no guest/i).first());
    });
  },
  {
    steps: true,
    browserOnly: true,
    prepare: async (house) => {
      await withBusybox(house);
      await house.container('web', ['sh', '-c', 'echo ready; trap exit TERM; sleep 3600 & wait']);
      await house.container('taken');
      await house.home.ok(['start', 'web']);
    },
  },
);
