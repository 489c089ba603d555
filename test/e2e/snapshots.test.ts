/** A guest's snapshots in the window: taken, gone back to, branched from, deleted. A machine's, with memory: display.test.ts. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

describeWindow(
  'the snapshots of a guest',
  (house) => {
    const inGuest = (script: string) => house().home.ok(['exec', 'web', 'sh', '-c', script]);
    const tab = () => house().page.getByRole('region', { name: 'Snapshots' });
    const row = (text: RegExp) => tab().getByRole('row', { name: text });
    const menu = async (snapshot: string, item: string) => {
      const { page } = house();
      await page.getByRole('button', { name: `Actions for the snapshot ${snapshot}` }).click();
      await page.getByRole('menuitem', { name: item, exact: true }).click();
    };
    const take = async (name: string, description = '') => {
      const { page } = house();
      await tab().getByRole('button', { name: 'Take snapshot' }).click();
      const form = page.getByRole('dialog', { name: 'A snapshot of web' });
      await form.getByRole('textbox', { name: 'Name' }).fill(name);
      if (description) await form.getByRole('textbox', { name: 'What it is for' }).fill(description);
      await form.getByRole('button', { name: 'Take snapshot' }).click();
      return form;
    };

    test('are taken, with a name that is free', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^web/ }).click();
      await page.getByRole('tab', { name: 'Snapshots' }).click();
      await seen(tab().getByText('No snapshots yet'));
      await inGuest('echo one >/f');
      await gone(await take('one', 'before the update'));
      await seen(row(/one\s*now before the update .* running/));
      const form = await take('one');
      await seen(form.getByText(/There is a snapshot named/));
      await form.getByRole('textbox', { name: 'Name' }).fill('two');
      await inGuest('echo two >/f');
      await form.getByRole('button', { name: 'Take snapshot' }).click();
      await gone(form);
      await seen(row(/two\s*now .* running/));
      const found = await new AxeBuilder({ page }).include('#guest-panel').analyze();
      expect(found.violations.map(({ id }) => id)).toEqual([]);
    });

    test('are gone back to after a question that names what is lost', async () => {
      const { page } = house();
      await menu('one', 'Restore…');
      const question = page.getByRole('alertdialog', { name: 'Make web what it was in one?' });
      await seen(question.getByText(/What it wrote since two is lost. It runs, and is ended at once/));
      await question.getByRole('button', { name: 'Restore one' }).click();
      await seen(row(/one\s*now/));
      await house().home.ok(['start', 'web']);
      expect(await inGuest('cat /f')).toContain('one');
    });

    test('make a new guest, and are deleted', async () => {
      const { page } = house();
      await menu('two', 'New guest from it…');
      const form = page.getByRole('dialog', { name: 'A new guest from two' });
      await form.getByRole('textbox', { name: 'Name of the new guest' }).fill('twig');
      await form.getByRole('button', { name: 'Make the guest' }).click();
      await gone(form);
      expect(await house().home.ok(['ls'])).toContain('twig');
      await menu('two', 'Delete…');
      await page
        .getByRole('alertdialog', { name: 'Delete the snapshot two?' })
        .getByRole('button', { name: 'Delete two' })
        .click();
      await gone(row(/^two/));
      await seen(row(/one\s*now/));
    });

    test('are called what one likes: an emoji and markup are text to be read', async () => {
      const { page } = house();
      const odd = '🦊 <b>x</b>';
      await gone(await take(odd));
      await seen(tab().getByText(odd, { exact: true }));
      await menu(odd, 'Delete…');
      const question = page.getByRole('alertdialog');
      expect(await question.getByRole('heading').innerText()).toBe(`Delete the snapshot ${odd}?`);
      await question.getByRole('button', { name: `Delete ${odd}`, exact: true }).click();
      await gone(tab().getByText(odd, { exact: true }));
      expect(await page.locator('b', { hasText: /^x$/ }).count()).toBe(0);
    });

    test('are taken by themselves when that is asked for', async () => {
      const { page } = house();
      await tab().getByRole('button', { name: 'Schedule…' }).click();
      const form = page.getByRole('dialog', { name: 'Scheduled snapshots of web' });
      await form.getByRole('radio', { name: 'Daily' }).click();
      const count = form.getByRole('spinbutton');
      for (const wrong of ['', '0', '2.5', '1001']) {
        await count.fill(wrong);
        await seen(form.getByText('A whole number from 1 to 1,000.'));
        expect(await form.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
      }
      await count.fill('7');
      await form.getByRole('button', { name: 'Save' }).click();
      await gone(form);
      await seen(tab().getByText(/One every 1 d; the last 7 are kept/));
      expect(await house().home.ok(['snapshot', 'schedule', 'web'])).toContain('the last 7 are kept');
      await house().home.ok(['snapshot', 'schedule', '--off', 'web']);
    });

    test('are in the palette by name, from any page', async () => {
      const { page } = house();
      await page.getByRole('link', { name: /^Settings/ }).click();
      const choose = async (typed: string, name: string) => {
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox').fill(typed);
        await page.getByRole('option', { name }).first().click();
      };
      await choose('restore one web', 'Restore: one, web');
      const question = page.getByRole('alertdialog', { name: 'Make web what it was in one?' });
      await question.getByRole('button').first().click();
      await choose('take web', 'Take snapshot: web');
      const form = page.getByRole('dialog', { name: 'A snapshot of web' });
      await form.getByRole('textbox', { name: 'Name' }).fill('three');
      await form.getByRole('button', { name: 'Take snapshot' }).click();
      await gone(form);
      expect(await house().home.ok(['snapshot', 'ls', 'web'])).toContain('three');
      await choose('snapshots web', 'Snapshots: web');
      await seen(row(/three/));
    });
  },
  {
    steps: true,
    prepare: async (house) => {
      await withBusybox(house);
      const command = ['sh', '-c', 'trap exit TERM; while :; do sleep 1; done'];
      await house.home.ok([
        'create',
        'web',
        '--image',
        'busybox',
        '--isolation',
        'container',
        '--start',
        '--',
        ...command,
      ]);
    },
  },
);
