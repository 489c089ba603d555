/** What is asked wrongly is answered in its field, and makes nothing; what fails says why and what to do. */
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { describeWindow, seen, withBusybox } from './window.ts';

describeWindow(
  'bad input',
  (house) => {
    test('on the New guest page is answered in its field', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'New guest' }).first().click();
      const name = page.getByRole('textbox', { name: 'Name' });
      const wrong = (field: typeof name, words: RegExp) =>
        expect
          .poll(async () => {
            const id = await field.getAttribute('aria-describedby');
            return (await field.getAttribute('aria-invalid')) === 'true' && id
              ? page
                  .locator(`[id="${id}"]`)
                  .innerText({ timeout: 1000 })
                  .catch(() => '')
              : '';
          })
          .toMatch(words);

      await name.fill('a/b');
      await wrong(name, /name/i);
      await name.fill('taken');
      await wrong(name, /taken/);
      await name.fill('x'.repeat(300));
      await wrong(name, /63/);
      await name.fill('fresh');

      const memory = page.getByRole('spinbutton', { name: /^Memory/ });
      await memory.fill(String(Math.ceil(totalmem() / 2 ** 20) + 1));
      await wrong(memory, /more than this host has/);
      await memory.fill('64');

      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as { port: number };
      try {
        await page.getByRole('button', { name: 'Add port' }).click();
        const hostPort = page.getByRole('textbox', { name: 'Host address and port' });
        await page.getByRole('textbox', { name: 'Guest port' }).fill('80');
        await hostPort.fill(String(port));
        await hostPort.blur();
        await wrong(hostPort, new RegExp(`${port} is in use`));
        await name.press('Control+Enter');
        await seen(page.getByRole('alert').getByText(new RegExp(`${port} is in use`)));
      } finally {
        server.close();
      }
      expect((await house().guests()).map((guest) => guest.name).sort()).toEqual(['missing', 'taken']);
      await page.getByRole('button', { name: 'Other ways to create' }).click();
      await page.getByRole('menuitem', { name: 'Discard the draft' }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
    });

    test('a guest that cannot start says why, and what to do', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^missing / }).click();
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      const banner = page.getByRole('alert').filter({ hasText: '/no/such/program' });
      await seen(banner);
      expect((await banner.innerText()).split('\n').length).toBeGreaterThan(1);
      await seen(page.getByRole('row', { name: /^missing / }).getByText('Failed'));
      await seen(banner.getByRole('button', { name: 'Start again' }).or(banner.getByRole('button')).first());
    });
  },
  {
    prepare: async (house) => {
      await withBusybox(house);
      await house.container('taken');
      await house.container('missing', ['/no/such/program']);
    },
  },
);
