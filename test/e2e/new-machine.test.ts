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
