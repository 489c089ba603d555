/** Images, networks and volumes by their pages: pulled, named, saved, built, made, deleted and cleaned up. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeRegistry, sendBlob, startFakeRegistry } from '../fakes/registry.ts';
import { layerTar } from '../fixtures/image-archives.ts';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

let registry: FakeRegistry;
beforeAll(async () => {
  registry = await startFakeRegistry();
  registry.putImage('1', [await layerTar([{ name: 'hello', content: randomBytes(3_000_000) }])]);
});
afterAll(() => registry?.end());

const section = (page: Page, name: string) => page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
const row = (page: Page, name: string | RegExp) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
const act = async (page: Page, name: string, item: RegExp) => {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
};

describeWindow(
  'images',
  (house) => {
    test('what cannot be pulled says what, why, and what to do', async () => {
      const { page } = house();
      await section(page, 'Images');
      await page.getByRole('button', { name: 'Pull', exact: true }).click();
      const reference = page.getByRole('combobox', { name: 'Image reference' });
      await expect.poll(() => reference.evaluate((input) => input === document.activeElement)).toBe(true);
      await reference.fill('127.0.0.1:1/nothing:1');
      await reference.press('Enter');
      const alert = page.getByRole('alert');
      await seen(alert.getByText('Nothing answers at 127.0.0.1:1.'));
      await seen(alert.getByText(/ECONNREFUSED/));
      await seen(alert.getByText(/Check the name/));
      await alert.getByRole('button', { name: 'Dismiss' }).click();
      await gone(alert);
    });

    test('a pull shows its progress, can be cancelled, and comes through the second time', async () => {
      const { page } = house();
      const reference = page.getByRole('combobox', { name: 'Image reference' });
      await reference.fill(`${registry.host}/demo:`);
      // The tags there are, told by the registry itself.
      const offered = page.locator('datalist option');
      await expect
        .poll(() => offered.evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value)))
        .toEqual([`${registry.host}/demo:1`]);
      await reference.fill(`${registry.host}/demo:1`);
      await page.getByRole('button', { name: 'Options' }).click();
      await page.getByRole('checkbox', { name: /any certificate/ }).check();
      // It stalls in the middle of the layer, until nobody waits for it any more.
      registry.trick = (request, response) => {
        const blob = registry.blobs.get(/sha256:(\w+)$/.exec(request.url ?? '')?.[1] ?? '');
        if (!blob || blob.length < 10_000) return false;
        response.writeHead(200, { 'content-length': blob.length });
        response.write(blob.subarray(0, 1_500_000));
        return true;
      };
      await reference.press('Enter');
      const going = page.getByRole('region', { name: 'Being made now' });
      await seen(going.getByText(`${registry.host}/demo:1`, { exact: true }));
      await seen(going.getByText(/1(\.\d)? MiB of 2\.9 MiB/));
      await going.getByRole('button', { name: 'Cancel' }).click();
      await gone(going);
      registry.trick = (request, response) => {
        const blob = registry.blobs.get(/sha256:(\w+)$/.exec(request.url ?? '')?.[1] ?? '');
        if (blob) sendBlob(request, response, blob);
        return blob !== undefined;
      };
      await page.getByRole('button', { name: 'Pull', exact: true }).last().click();
      await seen(row(page, /demo:1/));
    });

    test('gets a further name, is saved to a file, and is cleaned up after a question', async () => {
      const { page, home } = house();
      const name = `${registry.host}/demo:1`;
      await act(page, name, /further name/);
      await page.getByRole('textbox', { name: 'New name' }).fill('UPPER:case:no');
      await page.keyboard.press('Enter');
      await seen(page.getByRole('dialog').getByRole('alert'));
      await page.getByRole('textbox', { name: 'New name' }).fill('keep:me');
      await page.keyboard.press('Enter');
      await seen(row(page, /keep:me/));
      const file = join(home.path, 'saved.tar');
      await page.getByRole('button', { name: /^Actions for .*(demo:1|keep:me)/ }).click();
      await page.getByRole('menuitem', { name: /Save to a file/ }).click();
      await page.getByRole('textbox', { name: 'File of this host' }).fill(file);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await seen(page.getByText(/ saved, \d/));
      expect(statSync(file).size).toBeGreaterThan(1000);
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: /Clean up images/ }).click();
      const question = page.getByRole('alertdialog', { name: /^Delete \d images? no guest uses/ });
      await seen(question.getByText(/demo:1.*cannot be undone/));
      await question.getByRole('button', { name: /^Delete/ }).click();
      await gone(row(page, /demo:1/));
      await seen(row(page, /busybox/));
    });

    test('is built from a Containerfile, with its output', async (context) => {
      const { page, home } = house();
      if (/buildah.*(not|missing)/i.test((await home.gh(['doctor'])).stdout)) context.skip('no buildah here');
      const folder = join(home.path, 'context');
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, 'Containerfile'),
        'FROM scratch\nARG GREETING\nCOPY hello /hello\nLABEL greeting=$GREETING\n',
      );
      writeFileSync(join(folder, 'hello'), 'hello\n');
      await page.getByRole('button', { name: 'Build', exact: true }).click();
      await page.getByRole('menuitem', { name: /Containerfile/ }).click();
      await page.getByRole('textbox', { name: /^Folder/ }).fill(folder);
      await page.getByRole('textbox', { name: /^Name of the image/ }).fill('made:here');
      await page.getByRole('textbox', { name: /^Build arguments/ }).fill('GREETING=hi');
      await page.getByRole('button', { name: 'Build', exact: true }).last().click();
      await seen(page.getByRole('log').getByText(/COPY hello/));
      await seen(row(page, /made:here/));
    });

    test('a reference typed on the New guest page is what the guest is made from, fetched first', async () => {
      const { page, home } = house();
      registry.putImage('2', [await layerTar([{ name: 'hello', content: 'again' }])]);
      registry.trick = null;
      const reference = `${registry.host}/demo:2`;
      await page.getByRole('button', { name: 'New guest' }).first().click();
      await page.getByRole('radio', { name: 'Pull' }).click();
      // What the store has is not what is asked for here.
      const summary = page.getByRole('complementary', { name: 'Summary' });
      await seen(summary.getByText('nothing chosen yet'));
      const field = page.getByRole('combobox', { name: 'Image reference' });
      await field.fill(`${registry.host}/demo:none`);
      await page.getByRole('textbox', { name: 'Name' }).fill('typed');
      await field.press('Control+Enter');
      await seen(page.getByRole('alert').getByText(/There is no image .*demo:none/));
      expect((await house().guests()).map(({ name }) => name)).toEqual(['user']);
      await field.fill(reference);
      await seen(summary.getByText(`guesthouse pull ${reference} &&`));
      await page.getByRole('button', { name: 'Other ways to create' }).click();
      await page.getByRole('menuitem', { name: 'Create and edit' }).click();
      await seen(page.getByRole('heading', { name: /typed\s*Stopped/ }));
      await seen(page.getByRole('tab', { name: 'Settings', selected: true }));
      await seen(page.getByText('Nothing changed yet.'));
      const made = JSON.parse(await home.ok(['inspect', 'typed']));
      expect([made.image, made.state]).toEqual([reference, 'stopped']);
    });
  },
  {
    steps: true,
    browserOnly: true,
    prepare: async (house) => {
      await withBusybox(house);
      await house.container('user', ['sleep', '1']);
    },
  },
);

describeWindow(
  'networks and volumes',
  (house) => {
    test('a network is made, refused where it overlaps, and deleted when nobody is on it', async () => {
      const { page } = house();
      await section(page, 'Networks');
      await page.getByRole('button', { name: 'New network' }).click();
      const dialog = page.getByRole('dialog', { name: 'New network' });
      await dialog.getByRole('textbox', { name: 'Name' }).fill('backend');
      await dialog.getByRole('radio', { name: 'Bridged' }).click();
      await dialog.getByRole('textbox', { name: 'Bridge of the host' }).fill('nobridge0');
      await dialog.getByRole('textbox', { name: 'Addresses for guests' }).fill('192.168.77.200-192.168.77.219');
      await dialog.getByRole('button', { name: 'Create network' }).click();
      await seen(dialog.getByRole('alert').getByText(/no bridge named "nobridge0"|Only root may/));
      await dialog.getByRole('radio', { name: 'Isolated' }).click();
      await dialog.getByRole('textbox', { name: 'IPv4 subnet' }).fill('127.0.0.0/8');
      await dialog.getByRole('button', { name: 'Create network' }).click();
      await seen(dialog.getByRole('alert'));
      await dialog.getByRole('textbox', { name: 'IPv4 subnet' }).fill('10.213.7.0/24');
      await page.keyboard.press('Enter');
      await seen(row(page, 'backend').getByText('10.213.7.0/24'));
      await house().container('db', ['sleep', '1'], ['--network', 'backend']);
      await seen(row(page, 'backend').getByRole('link', { name: 'db' }));
      await page.getByRole('button', { name: 'Actions for backend' }).click();
      await seen(page.getByRole('menuitem', { name: /Delete backend.*1 guest on it/ }));
      await page.keyboard.press('Escape');
      await house().home.ok(['rm', '--now', 'db']);
      await gone(row(page, 'backend').getByRole('link', { name: 'db' }));
      await act(page, 'backend', /Delete backend/);
      await page.getByRole('button', { name: 'Delete backend' }).click();
      await gone(row(page, 'backend'));
    });

    test('a volume is made, measured, seen in use, and cleaned up', async () => {
      const { page } = house();
      await section(page, 'Volumes');
      await seen(page.getByText('No volumes yet'));
      for (const name of ['orders', 'spare']) {
        await page.getByRole('button', { name: 'New volume' }).click();
        await page.getByRole('textbox', { name: 'Name' }).fill(name);
        await page.keyboard.press('Enter');
        await seen(row(page, name));
      }
      await house().container('db', ['sleep', '1'], ['-v', 'orders:/data']);
      await seen(row(page, 'orders').getByRole('link', { name: 'db' }));
      await act(page, 'orders', /Measure/);
      await expect.poll(() => row(page, 'orders').innerText()).toMatch(/\d (bytes|KiB)/);
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: /Clean up volumes/ }).click();
      await page
        .getByRole('alertdialog')
        .getByRole('button', { name: /^Delete/ })
        .click();
      await gone(row(page, 'spare'));
      await seen(row(page, 'orders'));
    });
  },
  { browserOnly: true, prepare: withBusybox },
);
