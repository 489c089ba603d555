/** Projects of compose files: dropped or chosen, shown, started, cancelled, grouped and taken down in the window. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeWindow, drop, gone, seen, withBusybox } from './window.ts';

const MAKES = 'Drop to make a guest from it';
const WEB = `  web:
    image: busybox
    command: sleep 600
    stop_grace_period: 0s
    volumes: ["data:/data"]
`;
const SHOP = `name: shop
services:
${WEB}    ports: ["0:80"]
    depends_on: [db]
  db: { image: busybox, command: sleep 600, stop_grace_period: 0s }
volumes: { data: }
`;
/** Never healthy: whoever waits for it waits until it is cancelled. */
const WAITS = `services:
${WEB}    healthcheck: { test: [CMD, "false"], interval: 1s, start_period: 600s }
  late: { image: busybox, depends_on: { web: { condition: service_healthy } } }
volumes: { data: }
`;
/** A kilobyte that means a billion words. */
const LAUGHS = Array.from({ length: 9 }, (_, at) => {
  const before = at === 0 ? 'x' : `*${String.fromCharCode(96 + at)}`;
  const name = String.fromCharCode(97 + at);
  return `x-${name}: &${name} [${Array(10).fill(before).join(', ')}]`;
}).join('\n');

async function dropText(page: Page, text: string, name = 'compose.yaml'): Promise<void> {
  await drop(page, 'main', name, Buffer.from(text), MAKES);
}
const dialog = (page: Page) => page.getByRole('dialog');
async function fromPalette(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Commands' }).fill(words);
  await page.keyboard.press('Enter');
}

describeWindow(
  'projects of compose files',
  (house) => {
    const axe = async () =>
      (await new AxeBuilder({ page: house().page }).analyze()).violations.map(
        ({ id, nodes }) => `${id}: ${nodes[0]?.html}`,
      );

    test('a dropped file shows what it would make, and makes it', async () => {
      const { page } = house();
      await dropText(page, SHOP);
      const box = page.getByRole('dialog', { name: 'Project shop' });
      const plan = box.getByRole('group', { name: '2 services' });
      await seen(plan);
      const said = await plan.innerText();
      for (const words of ['a free port → 80', 'shop_data → /data', 'after db', 'is here', 'New', 'shop_default (new)'])
        expect(said).toContain(words);
      await seen(box.getByText(/A dropped file comes without its folder/));
      expect(await house().guests()).toEqual([]);
      expect(await axe()).toEqual([]);
      await box.getByRole('button', { name: 'Start' }).click();
      await seen(page.getByText('shop is up: 2 guests.').first());
      await seen(page.getByRole('row', { name: /^shop-web-1 .*Running/ }));
      await seen(page.getByRole('rowheader', { name: /shop 2 guests/ }));
      await page.getByRole('link', { name: /^Activity/ }).click();
      const act = page.getByRole('row', { name: /Bring up shop/ });
      await seen(act.getByText('Done'));
      await act.getByRole('button', { name: 'Show output' }).click();
      await seen(page.getByRole('log').getByText('network shop_default: made'));
    });

    test.each([
      [
        'services:\n  a: { image: busybox, privileged: true }\n',
        /compose\.yaml:2: services\.a\.privileged is not supported here/,
      ],
      ['services:\n  a: { image: busybox, volumes: ["./x:/x"] }\n', /"\.\/x" is a place in the folder of the file/],
      ['services:\n  a: { image: busybox, env_file: /etc/passwd }\n', /\/etc\/passwd is not in the folder/],
      [`${LAUGHS}\nservices: { a: { image: busybox } }\n`, /repeats itself too often/],
    ])('what cannot be is one error: %j', async (text, said) => {
      const { page } = house();
      await dropText(page, text);
      await seen(dialog(page).getByRole('alert').filter({ hasText: said }));
      expect(await dialog(page).getByRole('alert').count()).toBe(1);
      expect(await dialog(page).getByRole('button', { name: 'Start' }).count()).toBe(0);
      await page.keyboard.press('Escape');
      await gone(dialog(page));
    });

    test('a file nobody wrote is not even read', async () => {
      const { page } = house();
      await dropText(page, '#'.repeat(2 ** 20 + 1), 'huge.yaml');
      await seen(page.getByText(/huge\.yaml is larger than 1 MiB/).first());
    });

    test('one chosen by its path, by keyboard alone, has its folder; cancelled, what is up stays', async () => {
      const { page, home } = house();
      const folder = join(home.path, 'Two');
      mkdirSync(folder);
      writeFileSync(join(folder, 'compose.yaml'), WAITS);
      await fromPalette(page, 'Run a compose file');
      await page.getByRole('textbox', { name: 'Compose file' }).fill(join(folder, 'compose.yaml'));
      await page.keyboard.press('Enter');
      await seen(page.getByRole('dialog', { name: 'Project two' }));
      const start = dialog(page).getByRole('button', { name: 'Start' });
      await start.focus();
      await page.keyboard.press('Enter');
      await seen(dialog(page).getByText('web: waiting until it is healthy'));
      await dialog(page).getByRole('button', { name: 'Cancel' }).click();
      await seen(dialog(page).getByText('Cancelled. What is up stays up; Start goes on from there.'));
      await seen(dialog(page).getByText('Stays', { exact: true }));
      expect(await axe()).toEqual([]);
      expect(await house().state('two-web-1')).toBe('running');
      await page.keyboard.press('Escape');
      await gone(dialog(page));
    });

    test('a project goes down from its guest, from its group and from the palette', async () => {
      const { page } = house();
      await page.getByRole('link', { name: /^Guests/ }).click();
      await page.getByRole('row', { name: /^two-web-1 / }).click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Take two down…' }).click();
      await page.getByRole('checkbox', { name: /its volumes/ }).check();
      expect(await axe()).toEqual([]);
      await page.getByRole('button', { name: 'Take down' }).click();
      await seen(page.getByText('two is down.').first());
      await seen(page.getByRole('button', { name: 'Take shop down…' }));
      await fromPalette(page, 'Take shop down');
      await page.getByRole('button', { name: 'Take down' }).click();
      await seen(page.getByText('shop is down.').first());
      expect(await house().guests()).toEqual([]);
      const volumes = JSON.parse(await house().home.ok(['volume', 'ls', '--json']));
      expect(volumes.map(({ name }: { name: string }) => name)).toEqual(['shop_data']);
    });

    test('it speaks German', async () => {
      const page = await house().open({ language: 'de-DE' });
      await drop(page, 'main', 'compose.yaml', Buffer.from(SHOP), 'Ablegen, um daraus einen Gast zu machen');
      await seen(page.getByRole('dialog', { name: 'Projekt shop' }).getByRole('group', { name: '2 Dienste' }));
      await seen(dialog(page).getByRole('button', { name: 'Starten' }));
    });
  },
  { browserOnly: true, steps: true, prepare: withBusybox },
);
