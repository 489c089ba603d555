/** New guest, as a hand meets it: every source by keyboard, ports of the image, what is possible here, what is free, and taking it back. */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeRegistry, startFakeRegistry } from '../fakes/registry.ts';
import { layerTar, writeDockerArchive } from '../fixtures/image-archives.ts';
import { type Programs, programsWithout } from '../fixtures/programs.ts';
import { tinyDisk } from '../fixtures/tiny-media.ts';
import { describeWindow, gone, seen } from './window.ts';

const EMULATORS = ['qemu-system-x86_64', 'qemu-system-aarch64'];
let registry: FakeRegistry;
let programs: Programs;
/** Somebody else's server where the image's port would go first. */
const other = createServer();
beforeAll(async () => {
  registry = await startFakeRegistry();
  registry.putImage('1', [await layerTar([{ name: 'hello', content: randomBytes(3_000_000) }])]);
});
afterAll(async () => {
  other.close();
  await registry?.end();
});

const summary = (page: Page) => page.getByRole('complementary', { name: 'Summary' });
const name = (page: Page) => page.getByRole('textbox', { name: /^Name( free)?$/ });
const how = (page: Page) => page.getByRole('radiogroup', { name: 'How isolated' });

async function takeImage(page: Page, image: string): Promise<void> {
  await page.getByRole('radio', { name: 'Image in the store' }).click();
  await page.getByRole('button', { name: /^(Change|Image)/ }).click();
  await page.getByRole('menuitemradio', { name: new RegExp(`^${image}`) }).click();
}

describeWindow(
  'New guest',
  (house) => {
    test('every source is reached by keyboard, and the next key is for what it asks', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'New guest' }).first().click();
      const sources = page.getByRole('radiogroup', { name: 'Source' });
      await expect.poll(() => name(page).evaluate((field) => field === document.activeElement)).toBe(true);
      await page.keyboard.press('Tab');
      for (let n = 0; n < 8; n++) {
        if (await sources.evaluate((group) => group.contains(document.activeElement))) break;
        await page.keyboard.press('Tab');
      }
      const all = await sources.getByRole('radio').allInnerTexts();
      expect(all).toHaveLength(9);
      for (const [at, label] of all.entries()) {
        const radio = sources.getByRole('radio', { name: label, exact: true });
        await expect.poll(() => radio.evaluate((one) => one === document.activeElement)).toBe(true);
        expect(await radio.getAttribute('aria-checked'), label).toBe('true');
        await page.keyboard.press('Tab');
        // What there is to choose of a host without a disk is nothing.
        const asks = label === 'Disk' ? /./ : /^(input|button)$/;
        expect(
          await page
            .getByRole('region', { name: 'What', exact: true })
            .evaluate(
              (part) => `${part.contains(document.activeElement) ? document.activeElement?.localName : 'elsewhere'}`,
            ),
          label,
        ).toMatch(asks);
        await page.keyboard.press('Shift+Tab');
        if (at < all.length - 1) await page.keyboard.press('ArrowRight');
      }
      await page.keyboard.press('ArrowRight');
      expect(await sources.getByRole('radio', { name: all[0] as string }).getAttribute('aria-checked')).toBe('true');
    });

    test('ports are those the image serves, on free ones of the host, until another image is taken', async () => {
      const { page } = house();
      const shared = house().home.path;
      await takeImage(page, 'served');
      const guestPort = page.getByRole('textbox', { name: 'Guest port' });
      const hostPort = page.getByRole('textbox', { name: 'Host address and port' });
      const hostPorts = () => hostPort.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
      await expect.poll(async () => (await hostPorts()).every((port) => /^127\.0\.0\.1:\d+$/.test(port))).toBe(true);
      expect(await guestPort.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value))).toEqual([
        '80',
        '5432',
      ]);
      const [web = '', database = ''] = (await hostPorts()).map((port) => port.split(':')[1]);
      expect(Number(web)).toBeGreaterThan(8080);
      expect(Number(database)).toBeGreaterThanOrEqual(5432);
      await seen(summary(page).getByText(new RegExp(`-p ${web}:80[\\s\\S]*-p ${database}:5432`)));
      await name(page).fill('serving');
      await expect.poll(() => page.getByRole('region', { name: 'Reachable how' }).getByText('free').count()).toBe(2);
      await takeImage(page, 'silent');
      await expect.poll(() => guestPort.count()).toBe(0);
      await takeImage(page, 'served');
      await expect.poll(() => guestPort.count()).toBe(2);
      await page.getByRole('button', { name: /folders, environment/ }).click();
      await page.getByRole('button', { name: 'Add folder', exact: true }).click();
      await page.getByRole('combobox', { name: 'Volume or folder of the host' }).fill(shared);
      await page.getByRole('textbox', { name: 'Path in the guest' }).fill('/shared');
      const manifest = summary(page).locator('pre').last();
      await expect.poll(() => manifest.innerText()).toContain('/shared');
      const shown = JSON.parse(await manifest.innerText());
      await page.getByRole('button', { name: 'Other ways to create' }).click();
      await page.getByRole('menuitem', { name: 'Create and edit' }).click();
      await seen(page.getByText('Nothing changed yet.'));
      // What stood beside the form is what was made, of every field.
      const { spec } = JSON.parse(await house().home.ok(['inspect', 'serving']));
      expect(shown).toMatchObject({ name: 'serving', isolation: 'container', mounts: [{ source: shared }] });
      expect(spec).toMatchObject(shown);
      const { ports } = JSON.parse(await house().home.ok(['inspect', 'serving']));
      expect(ports).toMatchObject([
        { hostIp: '127.0.0.1', hostPort: Number(web), guestPort: 80 },
        { hostIp: '127.0.0.1', hostPort: Number(database), guestPort: 5432 },
      ]);
    });

    test('an isolation that is not possible here says why and what to do, and is there once that is done', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'New guest' }).first().click();
      for (const label of ['MicroVM', 'Full VM']) {
        const card = how(page).locator('.card', { hasText: label });
        await seen(card.getByText('QEMU is not installed.'));
        await seen(card.getByText(/apt install qemu-system-x86 qemu-utils/));
        await seen(card.getByText('not possible here'));
        expect(await card.getByRole('radio').count()).toBe(0);
      }
      for (const emulator of EMULATORS) programs.giveBack(emulator);
      await how(page).getByRole('button', { name: 'Check again' }).last().click();
      await seen(how(page).getByRole('radio', { name: 'Full VM' }));
      await gone(how(page).getByText('QEMU is not installed.').first());
      expect(await how(page).getByRole('radio', { name: 'Container' }).isChecked()).toBe(true);
    });

    test('amounts stand against what the host has free, and more than it has is answered', async () => {
      const { page } = house();
      const much = page.getByRole('region', { name: /^How much/ });
      const total = (totalmem() / 2 ** 30).toFixed(1).replace(/\.0$/, '');
      await seen(much.getByText(new RegExp(`^[\\d.]+ [GM]iB of ${total.replace('.', '\\.')} GiB free$`)));
      await seen(much.getByText(/cores?, [\d.]+ % in use/));
      await seen(much.getByText('a container takes what it writes'));
      const memory = much.getByRole('slider', { name: 'Memory' });
      const before = Number(await much.getByRole('spinbutton', { name: 'Memory' }).inputValue());
      await memory.press('ArrowRight');
      await seen(summary(page).getByText(new RegExp(`--memory ${before + 64}`)));
      const cpu = much.getByRole('spinbutton', { name: 'CPU' });
      await cpu.fill('4096');
      await expect.poll(() => cpu.getAttribute('aria-invalid')).toBe('true');
      await seen(much.getByText(/4096/).last());
      await cpu.fill('1');
      await how(page).getByRole('radio', { name: 'Full VM' }).check();
      await seen(much.getByText(/^[\d.]+ [GT]iB of [\d.]+ [GT]iB free, grows$/));
      await how(page).getByRole('radio', { name: 'Container' }).check();
    });

    test('what is fetched for it shows how far it is; taking it back leaves nothing', async () => {
      const { page, home } = house();
      const before = await home.ok(['image', 'ls', '--json']);
      const reference = `${registry.host}/demo:1`;
      // It stalls in the middle of the layer, until nobody waits for it any more.
      registry.trick = (request, response) => {
        const blob = registry.blobs.get(/sha256:(\w+)$/.exec(request.url ?? '')?.[1] ?? '');
        if (!blob || blob.length < 10_000) return false;
        response.writeHead(200, { 'content-length': blob.length });
        response.write(blob.subarray(0, 1_500_000));
        return true;
      };
      await page.getByRole('radio', { name: 'Pull' }).click();
      await page.getByRole('combobox', { name: 'Image reference' }).fill(reference);
      await name(page).fill('fetched');
      await name(page).press('Control+Enter');
      const far = page.getByRole('group', { name: 'Pull an image' }).getByText(/1(\.\d)? MiB of 2\.9 MiB/);
      await seen(far);
      await summary(page).getByRole('button', { name: 'Cancel', exact: true }).click();
      await gone(far);
      // What was asked stands there still.
      expect(await name(page).inputValue()).toBe('fetched');
      await seen(summary(page).getByRole('button', { name: /^Create and start/ }));
      expect(await home.ok(['image', 'ls', '--json'])).toBe(before);
      expect((await house().guests()).map((guest) => guest.name)).not.toContain('fetched');
      await expect.poll(() => left(join(home.path, 'images', 'work'))).toEqual([]);
    });

    test('so does a creation: it is shown, can be cancelled, and its folder and name are free again', async () => {
      const { page, home } = house();
      const folders = left(join(home.path, 'guests'));
      const slow = join(home.path, 'slow');
      writeFileSync(slow, '');
      await takeImage(page, 'cloud');
      await seen(
        summary(page)
          .getByText(/full VM/i)
          .first(),
      );
      await name(page).fill('slow');
      await expect.poll(() => page.locator('.name').getByText('free').count()).toBe(1);
      await page.getByRole('button', { name: 'Other ways to create' }).click();
      await page.getByRole('menuitem', { name: 'Create only' }).click();
      await seen(summary(page).getByText(/^Creating slow/));
      await expect.poll(() => left(join(home.path, 'guests')).length).toBe(folders.length + 1);
      await page.keyboard.press('Escape');
      await summary(page).locator('.progress').getByRole('button', { name: 'Cancel' }).click();
      await gone(summary(page).getByText(/^Creating slow/));
      expect(left(join(home.path, 'guests'))).toEqual(folders);
      expect((await house().guests()).map((guest) => guest.name)).not.toContain('slow');
      rmSync(slow);
      await name(page).press('Control+Enter');
      await seen(page.getByRole('heading', { name: /slow\s*(Running|Starting)/ }));
    });

    test('of a machine’s file nothing is asked that the form had before', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'New guest' }).first().click();
      const asked: string[] = [];
      await takeImage(page, 'served');
      await page.evaluate(() => {
        const send = WebSocket.prototype.send;
        const told: string[] = [];
        Object.assign(window, { told });
        WebSocket.prototype.send = function (data) {
          if (typeof data === 'string' && data.includes('guests.check')) told.push(data);
          send.call(this, data);
        };
      });
      await page.getByRole('radio', { name: 'OVA' }).click();
      await name(page).fill('serving');
      await seen(page.getByText(/There is a guest named serving|serving.*(taken|already)/).first());
      asked.push(...(await page.evaluate(() => (window as unknown as { told: string[] }).told)));
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter((call) => /ports|served/.test(call))).toEqual([]);
      // Without a name it keeps its own: that is nothing to scold.
      await name(page).fill('');
      await name(page).press('Control+Enter');
      await seen(page.getByRole('alert'));
      expect(await name(page).getAttribute('aria-invalid')).toBe('false');
    });
  },
  {
    steps: true,
    browserOnly: true,
    prepare: async (house) => {
      const { home } = house;
      programs = programsWithout(home, EMULATORS);
      programs.put('qemu-img', `while [ -e '${join(home.path, 'slow')}' ]; do sleep 0.1; done\nexec "$real" "$@"`);
      await house.serve();
      const layer = await layerTar([{ name: 'hello', content: 'hello' }]);
      const folder = join(home.path, 'made');
      mkdirSync(folder);
      const config = { Cmd: ['sh'], ExposedPorts: { '80/tcp': {}, '5432/tcp': {} } };
      await writeDockerArchive(join(folder, 'served.tar'), [layer], { name: 'served:1', config });
      await writeDockerArchive(join(folder, 'silent.tar'), [layer], { name: 'silent:1' });
      for (const file of ['silent', 'served']) await home.ok(['image', 'import', join(folder, `${file}.tar`)]);
      await home.ok(['image', 'import', tinyDisk(folder), '--name', 'cloud']);
      // Taken by somebody else is as good.
      other.on('error', () => {});
      other.listen(8080, '127.0.0.1');
    },
  },
);

const left = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);
