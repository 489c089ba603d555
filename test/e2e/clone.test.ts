/** A machine is cloned in the window: how is asked, with the room either takes. And it is given networks and a keyboard. */
import { expect, test } from 'vitest';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

describeWindow(
  'a machine',
  (house) => {
    test('is cloned full or linked, and the room is said before', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^box/ }).click();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('clone box');
      await page.keyboard.press('Enter');
      const form = page.getByRole('dialog', { name: 'Clone box' });
      await seen(form.getByText(/Takes about .* now\. It shares nothing with this one/));
      await form.getByRole('radio', { name: 'Linked' }).click();
      await seen(form.getByText(/Takes about 256 KiB now, and then what either writes/));
      await form.getByRole('button', { name: 'Clone', exact: true }).click();
      await gone(form);
      await seen(page.getByRole('row', { name: /^box-2/ }));
      await expect.poll(async () => JSON.parse(await house().home.ok(['inspect', 'box-2'])).state).toBe('stopped');
      expect(await house().home.ok(['clone', '--dry-run', 'box-2'])).toMatch(/^full: about .*\nlinked: about 256 KiB/);
    });

    test('is given a further network and the keyboard its system has', async () => {
      const { page } = house();
      await house().home.ok(['network', 'create', 'front']);
      await page.getByRole('row', { name: /^box / }).click();
      await page.getByRole('tab', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      const form = page.getByRole('form', { name: 'Edit settings' });
      await form.getByRole('textbox', { name: 'Also on' }).fill('front');
      await form.getByRole('combobox', { name: 'Keyboard' }).selectOption('de');
      await page.getByRole('button', { name: 'Apply', exact: true }).click();
      await gone(form);
      await seen(page.getByText('German', { exact: true }));
      const { spec, addresses } = JSON.parse(await house().home.ok(['inspect', 'box']));
      expect(spec).toMatchObject({ moreNetworks: ['front'], machine: { keyboard: 'de' } });
      expect(addresses).toMatchObject([{ network: 'nat' }, { network: 'front' }]);
    });
  },
  {
    steps: true,
    prepare: async (house) => {
      await withBusybox(house);
      await house.home.ok(['create', 'box', '--image', 'busybox', '--isolation', 'vm', '--memory', '128']);
    },
  },
);
