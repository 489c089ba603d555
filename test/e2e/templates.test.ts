/** A guest's ways kept under a name, and others made like it, in the window and on the command line. */
import { expect, test } from 'vitest';
import type { Template } from '../../engine/contract/index.ts';
import { tinyDisk } from '../fixtures/tiny-media.ts';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

describeWindow(
  'templates',
  (house) => {
    const inspect = async (name: string) => JSON.parse(await house().home.ok(['inspect', name]));
    const templates = async (): Promise<Template[]> => JSON.parse(await house().home.ok(['template', 'ls', '--json']));

    test('are saved of a guest, by its menu', async () => {
      const { page } = house();
      await house().container(
        'web',
        ['sleep', '77'],
        ['-p', '80', '-e', 'COLOUR=blue', '--restart', 'always', '-l', 'tier=front'],
      );
      await page.getByRole('row', { name: /^web / }).click();
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Save as a template…' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('service');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await seen(page.getByText('The template service is saved.'));
      const [template] = await templates();
      expect(template).toMatchObject({ name: 'service', spec: { env: { COLOUR: 'blue' }, labels: { tier: 'front' } } });
      expect(template?.spec.ports[0]?.hostPort).toBe(0);
    });

    test('fill the form of a new guest, whose name and port are its own', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'New guest' }).first().click();
      await page.getByRole('button', { name: 'From a template' }).click();
      await page.getByRole('menuitem', { name: 'service' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('web-2');
      await seen(page.locator('.name').getByText('free'));
      await page.getByRole('textbox', { name: 'Name' }).press('Control+Enter');
      await seen(page.getByRole('heading', { name: /web-2\s*Running/ }));
      const [first, second] = [await inspect('web'), await inspect('web-2')];
      const { name: _1, ports: ports1, image: _short, ...like } = first.spec;
      const { name: _2, ports: ports2, image, ...spec } = second.spec;
      expect(spec).toEqual(like);
      expect(image).toBe('busybox:latest');
      expect(ports2[0].guestPort).toBe(80);
      expect(second.ports[0].hostPort).not.toBe(first.ports[0].hostPort);
      expect(ports1[0].guestPort).toBe(80);
    });

    test('are what the command line makes guests from, with wishes of its own', async () => {
      const { home } = house();
      await home.ok(['create', 'web-3', '--template', 'service', '--memory', '96']);
      expect((await inspect('web-3')).spec).toMatchObject({
        memoryMib: 96,
        env: { COLOUR: 'blue' },
        command: ['sleep', '77'],
      });
      const missing = await home.gh(['create', 'web-4', '--template', 'servise']);
      expect(missing.code).toBe(1);
      expect(missing.stderr).toContain('There are: service.');
      expect((await home.gh(['template', 'save', 'web-3', 'service'])).code).toBe(1);
      await home.ok(['template', 'save', '--replace', 'web-3', 'service']);
      expect((await templates())[0]?.spec.memoryMib).toBe(96);
    });

    test('go by the palette, which asks; guests made from them stay', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'New guest' }).first().click();
      await seen(page.getByRole('button', { name: 'From a template' }));
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('delete the template');
      await page.getByRole('option', { name: /Delete the template service/ }).click();
      await page.getByRole('button', { name: 'Delete service' }).click();
      await gone(page.getByRole('button', { name: 'From a template' }));
      expect(await templates()).toEqual([]);
      expect((await house().guests()).map(({ name }) => name).sort()).toEqual(['web', 'web-2', 'web-3']);
    });

    test('of a machine keep its hardware and its further disks', async () => {
      const { page, home } = house();
      await home.ok(['image', 'import', tinyDisk(home.path), '--name', 'cloud']);
      const hardware = ['--nic', 'e1000', '--sound', 'hda', '--keyboard', 'de', '--clipboard', '--shared-memory'];
      const amounts = ['--cpus', '2', '--memory', '192', '--disk', '2', '--disk', 'data=1'];
      await home.ok(['create', 'box', '--image', 'cloud', '--isolation', 'vm', ...amounts, ...hardware]);
      await page.getByRole('link', { name: /^Guests/ }).click();
      await page.getByRole('row', { name: /^box / }).click();
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Save as a template…' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('machine');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await seen(page.getByText('The template machine is saved.'));
      await page.getByRole('button', { name: 'New guest' }).first().click();
      await page.getByRole('button', { name: 'From a template' }).click();
      await page.getByRole('menuitem', { name: 'machine' }).click();
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('box-2');
      await page.getByRole('button', { name: 'Other ways to create' }).click();
      await page.getByRole('menuitem', { name: 'Create only' }).click();
      await seen(page.getByRole('heading', { name: /box-2\s*Stopped/ }));
      const [first, second] = [await inspect('box'), await inspect('box-2')];
      const { name: _1, image: _short, ...like } = first.spec;
      const { name: _2, image: _whole, ...spec } = second.spec;
      expect(spec).toEqual(like);
      expect(spec).toMatchObject({ cpus: 2, memoryMib: 192, diskGib: 2, disks: [{ name: 'data' }] });
      expect(spec.machine).toMatchObject({ nic: 'e1000', sound: 'hda', keyboard: 'de', clipboard: true });
    });
  },
  { steps: true, prepare: withBusybox },
);
