/** Files dropped onto the window and onto a guest. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { debianMedium } from '../fixtures/tiny-media.ts';
import { describeWindow, drop, seen, withBusybox } from './window.ts';

describeWindow(
  'files are dropped',
  (house) => {
    const MAKES = 'Drop to make a guest from it';

    test('a medium fills in the form of a new guest', async () => {
      const { page, home } = house();
      await drop(house().page, 'main', 'bookworm.iso', readFileSync(debianMedium(home.path)), MAKES);
      await seen(page.getByRole('heading', { name: 'New guest' }));
      await seen(page.getByText(/^bookworm/).first());
      await seen(page.getByText(/20 GiB of disk fit it/).first());
      expect(await page.getByRole('radio', { name: /Full VM/ }).isChecked()).toBe(true);
      const images = JSON.parse(await home.ok(['image', 'ls', '--json']));
      expect(images.find((image: { kind: string }) => image.kind === 'iso')).toMatchObject({
        origin: expect.stringContaining('bookworm.iso'),
      });
      const incoming = join(home.path, 'incoming');
      await expect.poll(() => (existsSync(incoming) ? readdirSync(incoming) : [])).toEqual([]);
    });

    test('what is no image says so, where images are chosen', async () => {
      const { page } = house();
      await drop(house().page, 'main', 'broken.qcow2', Buffer.from('no disk'), MAKES);
      await seen(page.getByRole('alert').filter({ hasText: 'broken.qcow2' }));
    });

    test('other files say what can be dropped', async () => {
      await drop(house().page, 'main', 'letter.pdf', Buffer.from('Dear'), MAKES);
      await seen(house().page.getByText(/No guest can be made from letter\.pdf/));
    });

    test('on a guest they are copied into it', async () => {
      const { page, home } = house();
      await page.getByRole('link', { name: /^Guests/ }).click();
      await drop(house().page, '[data-guest]', 'note.txt', Buffer.from('hello'), 'Drop to copy into web');
      const form = page.getByRole('dialog', { name: 'Copy note.txt into web' });
      await form.getByRole('textbox', { name: 'Folder in the guest' }).fill('/nowhere');
      await form.getByRole('button', { name: 'Copy' }).click();
      await seen(form.getByText(/nowhere/).last());
      await form.getByRole('textbox', { name: 'Folder in the guest' }).fill('/tmp');
      await form.getByRole('button', { name: 'Copy' }).click();
      await seen(page.getByText('note.txt is in web, in /tmp.'));
      expect(await home.ok(['cp', 'web:/tmp/note.txt', '-']).then((tar) => tar.includes('hello'))).toBe(true);
    });
  },
  {
    browserOnly: true,
    prepare: async (house) => {
      await withBusybox(house);
      await house.container('web');
    },
  },
);
