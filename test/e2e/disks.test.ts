/** A machine's disks in the window: listed, added, made larger, checked and taken away. */
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

const ISO = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';

describeWindow(
  'the disks of a machine',
  (house) => {
    const disks = async () => JSON.parse(await house().home.ok(['inspect', 'box'])).spec.disks;
    const menu = async (disk: string, item: string) => {
      const { page } = house();
      await page.getByRole('button', { name: `Actions for the disk ${disk}` }).click();
      await page.getByRole('menuitem', { name: item, exact: true }).click();
    };
    const row = (text: RegExp) => house().page.getByRole('region', { name: 'Disks' }).getByRole('row', { name: text });

    test('are listed, and a further one is added', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^box/ }).click();
      await page.getByRole('tab', { name: 'Settings' }).click();
      await seen(row(/^root 8(\.0)? GiB .* busybox attached/));
      await page.getByRole('button', { name: 'Add disk' }).click();
      const form = page.getByRole('dialog', { name: 'A further disk for box' });
      await form.getByRole('textbox', { name: 'Name' }).fill('root');
      await form.getByRole('textbox', { name: 'Size in GiB' }).fill('1');
      await form.getByRole('button', { name: 'Add disk' }).click();
      await seen(form.getByText(/cannot be the name of a further disk/));
      await form.getByRole('textbox', { name: 'Name' }).fill('data');
      await form.getByRole('button', { name: 'Add disk' }).click();
      await gone(form);
      await seen(row(/^data 1(\.0)? GiB .* attached/));
      expect(await disks()).toMatchObject([{ name: 'data', sizeGib: 1 }]);
    });

    test('are made larger and checked', async () => {
      const { page } = house();
      await menu('data', 'Make larger…');
      const form = page.getByRole('dialog', { name: 'Make data larger' });
      await form.getByRole('textbox', { name: 'New size in GiB' }).fill('2');
      await form.getByRole('button', { name: 'Make larger' }).click();
      await seen(row(/^data 2(\.0)? GiB/));
      await menu('data', 'Check');
      await seen(page.getByText('data is whole').first());
      await menu('data', 'Detach');
      await seen(row(/^data .* detached/));
      const found = await new AxeBuilder({ page }).include('#guest-panel').analyze();
      expect(found.violations.map(({ id }) => id)).toEqual([]);
    });

    test('and taken away after a question', async () => {
      const { page } = house();
      await menu('data', 'Delete…');
      await page
        .getByRole('alertdialog', { name: 'Delete the disk data of box?' })
        .getByRole('button', { name: 'Delete data' })
        .click();
      await gone(row(/^data /));
      expect(await disks()).toEqual([]);
    });

    test('and a medium that is chosen goes into the CD drive', async (context) => {
      if (!existsSync(ISO)) context.skip('no ISO here: package grub-rescue-pc');
      const { page, home } = house();
      const other = join(home.path, 'other.iso');
      copyFileSync(ISO, other);
      await home.ok(['create', 'tray', '--isolation', 'vm', '--memory', '128', '--disk', '1', '--iso', ISO]);
      await page.getByRole('row', { name: /^tray/ }).click();
      await page.getByRole('tab', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Insert a CD' }).click();
      const form = page.getByRole('dialog', { name: 'A CD for tray' });
      await form.getByRole('textbox', { name: 'ISO file of this host' }).fill(other);
      await form.getByRole('button', { name: 'Insert', exact: true }).click();
      await gone(form);
      expect(JSON.parse(await home.ok(['inspect', 'tray'])).spec.iso).toBe(other);
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
