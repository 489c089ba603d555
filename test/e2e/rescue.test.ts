/** The disks of a machine that does not run, in the window: opened, looked at, mended and closed. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { makeEncryptedDisk, PASSPHRASE } from '../fixtures/encrypted-disk.ts';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

const OPEN_MS = 180_000;

describeWindow(
  'a machine that does not start',
  (house) => {
    const bar = () => house().page.getByRole('region', { name: 'Opened disks' });
    /** A machine starts for it: emulated, and on a host that does other things as well. */
    const opened = (state: RegExp) => bar().getByText(state).waitFor({ state: 'visible', timeout: OPEN_MS });
    const press = (name: string) => bar().getByRole('button', { name, exact: true }).click();

    test('has its disk opened, and its files are looked at', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^box/ }).click();
      await page.getByRole('tab', { name: 'Files' }).click();
      await press('Open disk');
      await opened(/BusyBox .* on vda, read-only/);
      await seen(page.getByRole('grid', { name: 'Files in /' }).getByText('etc', { exact: true }));
      expect(await bar().getByRole('button', { name: 'Reset password…' }).getAttribute('aria-disabled')).toBe('true');
      expect(await page.getByRole('button', { name: 'Upload' }).isDisabled()).toBe(true);
      const found = await new AxeBuilder({ page }).include('#guest-panel').analyze();
      expect(found.violations.map(({ id }) => id)).toEqual([]);
      await press('Logs');
      await seen(page.getByText('There are no logs in /var/log.'));
      await press('Files');
      await press('Close disk');
      await seen(bar().getByRole('button', { name: 'Open disk' }));
    });

    test('is opened for writing after a question, and lets somebody in again', async () => {
      const { page, home } = house();
      await press('Open for writing…');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Open for writing' }).click();
      await opened(/on vda, writable/);
      await press('Reset password…');
      const form = page.getByRole('dialog', { name: 'A new password in box' });
      await seen(form.getByText('root (locked)'));
      await form.getByLabel('New password').fill('in again');
      await form.getByRole('button', { name: 'Set password' }).click();
      await seen(page.getByText('The password of root is set').first());
      await press('Shell');
      await seen(page.locator('.xterm-screen').first());
      await page.getByRole('tab', { name: 'Files' }).click();
      await press('Close disk');
      await gone(bar().getByRole('button', { name: 'Close disk' }));
      expect(await home.ok(['rescue', 'users', 'box'])).toMatch(/root +0 +\/root +set/);
    });

    test('has an encrypted volume, which its passphrase opens', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^sealed/ }).click();
      await page.getByRole('tab', { name: 'Files' }).click();
      await press('Open disk');
      await opened(/no system on no file system, read-only/);
      const row = bar().getByRole('row', { name: /^vda2/ });
      await row.getByRole('button', { name: 'Unlock…' }).click();
      const form = page.getByRole('dialog', { name: 'Unlock vda2' });
      await form.getByLabel('Passphrase').fill('another');
      await form.getByRole('button', { name: 'Unlock' }).click();
      await form.getByText('This does not open vda2.').waitFor({ state: 'visible', timeout: OPEN_MS });
      await form.getByLabel('Passphrase').fill(PASSPHRASE);
      await form.getByRole('button', { name: 'Unlock' }).click();
      await opened(/vault on dm-0, read-only/);
      await seen(page.getByRole('grid', { name: 'Files in /' }).getByText('note', { exact: true }));
      await press('Close disk');
      await gone(bar().getByRole('button', { name: 'Close disk' }));
    });
  },
  {
    steps: true,
    prepare: async (house) => {
      await withBusybox(house);
      const machine = ['--isolation', 'vm', '--memory', '128'];
      await house.home.ok(['create', 'box', '--image', 'busybox', ...machine]);
      await house.home.ok(['image', 'import', makeEncryptedDisk(house.home.path), '--name', 'sealix']);
      await house.home.ok(['create', 'sealed', '--image', 'sealix', ...machine]);
    },
  },
);
