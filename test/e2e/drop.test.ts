/** Files dropped onto the window and onto a guest. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convertTo, rawDisk } from '../fixtures/foreign-disks.ts';
import { vmwareOvf, writeOva } from '../fixtures/foreign-machines.ts';
import { layerTar, writeDockerArchive } from '../fixtures/image-archives.ts';
import { debianMedium } from '../fixtures/tiny-media.ts';
import { describeWindow, drop, dropAll, seen, withBusybox } from './window.ts';

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

    test('an OVA becomes a machine, without a form', async () => {
      const { page, home } = house();
      const folder = join(home.path, 'foreign');
      mkdirSync(folder);
      const raw = rawDisk(join(folder, 'plain.raw'));
      convertTo(raw, join(folder, 'disk.vmdk'), 'vmdk', 'subformat=streamOptimized');
      const path = join(folder, 'moved.ova');
      writeOva(folder, path, vmwareOvf({ name: 'moved', disks: ['disk.vmdk'] }, folder), ['disk.vmdk']);
      await drop(page, 'main', 'moved.ova', readFileSync(path), MAKES);
      await seen(page.getByRole('heading', { name: /moved\s*Stopped/ }));
      await home.ok(['rm', '-f', '--now', 'moved']);
    });

    test('several at once: each becomes what it can, in turn, and what can be nothing says so', async () => {
      const { page, home } = house();
      const folder = join(home.path, 'foreign');
      const qcow2 = convertTo(
        rawDisk(join(folder, 'other.raw'), 9, 8 * 1024 ** 2),
        join(folder, 'other.qcow2'),
        'qcow2',
      );
      const archive = join(folder, 'shop.tar');
      await writeDockerArchive(archive, [await layerTar([{ name: 'hello', content: 'hello' }])], { name: 'shop:1' });
      const all = [
        ['letter.pdf', Buffer.from('Dear')],
        ['other.qcow2', readFileSync(qcow2)],
        ['shop.tar', readFileSync(archive)],
      ] as const;
      await dropAll(page, 'main', all, MAKES);
      await seen(page.getByText(/No guest can be made from letter\.pdf/).last());
      await seen(page.getByRole('heading', { name: 'New guest' }));
      const kinds = async () =>
        JSON.parse(await home.ok(['image', 'ls', '--json'])).map(({ name, kind }: { name: string; kind: string }) => [
          name.replace(/:.*/, ''),
          kind,
        ]);
      await expect.poll(kinds).toEqual(
        expect.arrayContaining([
          ['other', 'disk'],
          ['shop', 'rootfs'],
        ]),
      );
      // The last one is what the form is about.
      await seen(page.getByRole('region', { name: 'What', exact: true }).getByText(/^shop/));
      expect(await page.getByRole('radio', { name: 'Container' }).isEnabled()).toBe(true);
    });

    test('several on a guest are copied into it, and named', async () => {
      const { page, home } = house();
      await page.getByRole('link', { name: /^Guests/ }).click();
      const two = ['one.txt', 'two.txt'].map((name) => [name, Buffer.from(name)] as const);
      await dropAll(page, '[data-guest]', two, 'Drop to copy into web');
      const form = page.getByRole('dialog', { name: 'Copy one.txt and two.txt into web' });
      await form.getByRole('textbox', { name: 'Folder in the guest' }).fill('/tmp');
      await form.getByRole('button', { name: 'Copy' }).click();
      await seen(page.getByText('one.txt and two.txt are in web, in /tmp.'));
      for (const [name] of two) expect(await home.ok(['cp', `web:/tmp/${name}`, '-'])).toContain(name);
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
