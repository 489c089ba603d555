/** New guest from the catalogue: searched, a mirror named, fetched with progress and cancelled, a guest made of it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startMirror, sumOf, type TestMirror } from '../fixtures/mirror.ts';
import { tinyDisk } from '../fixtures/tiny-media.ts';
import { describeWindow, gone, seen } from './window.ts';

let mirror: TestMirror;
afterAll(() => mirror?.end());

describeWindow(
  'the catalogue',
  (house) => {
    test('lists official images, and what a search finds of them', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'New guest' }).first().click();
      await page.getByRole('radio', { name: 'Catalogue' }).click();
      const list = page.getByRole('list', { name: 'Images to fetch' });
      await seen(list.getByText('Alpine Linux 3.22 Cloud').first());
      await page.getByRole('searchbox', { name: 'Search the catalogue' }).fill('freebsd aarch64');
      await seen(list.getByText(/cloud image, aarch64, emulated here/));
      expect(await list.getByRole('listitem').count()).toBe(1);
      await page.getByRole('searchbox', { name: 'Search the catalogue' }).fill('plan 9');
      await seen(page.getByText('Nothing in the catalogue is called plan 9.'));
    });

    test('asks for a mirror, and says what is wrong with one', async () => {
      const { page } = house();
      await page.getByRole('searchbox', { name: 'Search the catalogue' }).fill('house');
      await page.getByRole('button', { name: 'Set a mirror of The house' }).click();
      const address = page.getByRole('textbox', { name: 'Mirror of The house' });
      await seen(page.getByText(/folder in which pub\/SHA256SUMS lies/));
      await address.fill('ftp://house.example');
      await page.getByRole('button', { name: 'Save' }).click();
      await seen(page.getByText(/is no address of a mirror/));
      await address.fill(mirror.url);
      await page.keyboard.press('Enter');
      await seen(page.getByRole('button', { name: 'Fetch The house, ready' }));
      await seen(page.getByText(/from 127\.0\.0\.1/));
    });

    test('shows how far it is, and stops when it is told to', async () => {
      const { page } = house();
      const disk = mirror.files.get('pub/house.raw') as Buffer;
      mirror.trick = (request, response) => {
        if (!(request.url ?? '').endsWith('.raw') || request.headers.range === 'bytes=0-0') return false;
        response.writeHead(200, { 'content-length': disk.length });
        let at = 0;
        const drip = setInterval(() => {
          response.write(disk.subarray(at, at + 40_000));
          at += 40_000;
        }, 200);
        response.on('close', () => clearInterval(drip));
        return true;
      };
      await page.getByRole('button', { name: 'Fetch The house, ready' }).click();
      const making = page.locator('.making');
      await seen(making.getByText(/Fetching house-cloud-amd64/));
      await seen(making.getByText(/of 1 MiB/));
      await making.getByRole('button', { name: 'Cancel' }).click();
      await gone(making);
      mirror.trick = null;
    });

    test('what was fetched is what the guest is made from', async () => {
      const { page, home } = house();
      await page.getByRole('button', { name: 'Fetch The house, ready' }).click();
      await seen(page.getByRole('radio', { name: 'Image in the store', checked: true }));
      await seen(page.getByRole('region', { name: /^First login/ }));
      await page.getByRole('radio', { name: 'Catalogue' }).click();
      await seen(page.getByRole('button', { name: 'Use The house, ready' }));
      await page.getByRole('button', { name: 'Use The house, ready' }).click();
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('fetched');
      await page.getByRole('button', { name: 'Other ways to create' }).click();
      await page.getByRole('menuitem', { name: 'Create only' }).click();
      await seen(page.getByRole('heading', { name: /fetched\s*Stopped/ }));
      expect(JSON.parse(await home.ok(['inspect', 'fetched'])).spec).toMatchObject({
        image: 'house-cloud-amd64:latest',
        isolation: 'vm',
      });
    });

    test('the palette fetches an entry, and makes a guest of one that is here', async () => {
      const { page, home } = house();
      await home.ok(['rm', '-f', '--now', 'fetched']);
      await home.ok(['image', 'rm', 'house-cloud-amd64']);
      const choose = async (title: string) => {
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox', { name: 'Commands' }).fill('new guest house ready');
        await page.getByRole('option', { name: title }).click();
      };
      await choose('New guest from The house, ready: fetch it');
      await seen(page.getByRole('radio', { name: 'Image in the store', checked: true }));
      expect(await home.ok(['image', 'ls'])).toContain('house-cloud-amd64');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await choose('New guest from The house, ready');
      await seen(page.getByText(/^house-cloud-amd64:latest$/).first());
    });
  },
  {
    steps: true,
    prepare: async ({ home }) => {
      mirror = await startMirror();
      mkdirSync(home.path, { recursive: true });
      const disk = readFileSync(tinyDisk(home.path));
      mirror.files.set('pub/house.raw', disk);
      mirror.files.set('pub/SHA256SUMS', Buffer.from(`${sumOf(disk)}  house.raw\n`));
      const image = {
        name: 'house-cloud-amd64',
        title: 'The house, ready',
        distribution: 'debian',
        version: '1',
        architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
        kind: 'cloud',
        vendor: 'house',
        path: 'pub/house.raw',
        sums: ['pub/SHA256SUMS'],
        sizeMib: 1,
      };
      const document = { version: 1, vendors: { house: { title: 'The house' } }, images: [image] };
      writeFileSync(join(home.path, 'catalogue.json'), JSON.stringify(document));
    },
  },
);
