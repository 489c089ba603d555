/** New guest for machines: what a medium says of itself, and who may log in to a cloud image. */
import { expect, test } from 'vitest';
import { debianMedium, tinyDisk } from '../fixtures/tiny-media.ts';
import { describeWindow, seen } from './window.ts';

describeWindow(
  'a new machine',
  (house) => {
    test('from a medium is told what is on it, and gets what that needs', async () => {
      const { page, home } = house();
      await page.getByRole('button', { name: 'New guest' }).first().click();
      await page.getByRole('radio', { name: 'ISO' }).click();
      await page.getByRole('textbox', { name: 'ISO file' }).fill(debianMedium(home.path));
      await seen(page.getByText(/DEBIAN 12 AMD64, x86_64\. 2 GiB of memory and 20 GiB of disk fit it/));
      await expect.poll(() => page.getByRole('spinbutton', { name: 'Memory' }).inputValue()).toBe('2048');
    });

    test('may start from a disk of the host, and have further disks, as command and manifest say', async () => {
      const { page } = house();
      await page.getByRole('radio', { name: 'Disk', exact: true }).click();
      await seen(page.getByRole('radiogroup', { name: 'Disk or partition of this host' }));
      await seen(page.getByText('the host’s own, as large as it is'));
      const summary = page.getByRole('complementary', { name: 'Summary' });
      await seen(summary.getByText(/--disk 0/));
      await page.getByRole('radio', { name: 'ISO' }).click();
      await page.getByRole('button', { name: /^folders, environment, disks/ }).click();
      const further = page.getByRole('group', { name: 'Further disks' });
      await further.getByRole('button', { name: 'Add disk' }).click();
      await seen(summary.getByText(/--disk 20[\s\S]*--disk data=10/));
      await further.getByRole('spinbutton', { name: 'Size of the disk' }).fill('3');
      await further.getByRole('checkbox', { name: 'read only' }).check();
      await seen(summary.getByText(/--disk data=3,ro/));
      await further.getByRole('textbox', { name: 'Name of the disk' }).fill('root');
      await seen(further.getByText(/cannot be the name of a further disk/));
      await further.getByRole('button', { name: 'Remove the disk root' }).click();
      await expect.poll(() => summary.getByText(/data=3/).count()).toBe(0);
      await page.getByRole('button', { name: /^folders, environment, disks/ }).click();
    });

    test('from a cloud image asks who may log in, and shows no password', async () => {
      const { page, home } = house();
      await page.getByRole('radio', { name: 'Image in the store' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('cloudy');
      await seen(page.getByRole('region', { name: /^First login/ }));
      await page.getByRole('checkbox', { name: /who may log in/ }).check();
      await seen(page.getByText(/Nobody could log in/));
      await page.getByRole('textbox', { name: 'User', exact: true }).fill('ada');
      await page.getByRole('textbox', { name: 'Password' }).fill('top secret');
      await page.getByRole('textbox', { name: 'Public key' }).fill('no key');
      await seen(page.getByText(/is no public SSH key/));
      await page.getByRole('textbox', { name: 'Public key' }).fill('');
      await seen(page.getByText(/--login ada/));
      await expect.poll(() => page.getByText(/"passwordHash": "\$6\$/).count()).toBeGreaterThan(0);
      expect(await page.getByRole('complementary', { name: 'Summary' }).innerText()).not.toContain('top secret');
      await page.getByRole('button', { name: 'Other ways to create' }).click();
      await page.getByRole('menuitem', { name: 'Create only' }).click();
      await seen(page.getByRole('heading', { name: /cloudy\s*Stopped/ }));
      const { spec } = JSON.parse(await home.ok(['inspect', 'cloudy']));
      expect(spec.firstLogin).toMatchObject({
        user: 'ada',
        passwordHash: expect.stringMatching(/^\$6\$/),
        sshKeys: [],
      });
    });
  },
  {
    steps: true,
    prepare: async ({ home }) => {
      await home.ok(['image', 'import', tinyDisk(home.path), '--name', 'cloud']);
    },
  },
);
