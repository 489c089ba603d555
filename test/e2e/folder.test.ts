/** New guest from a folder: a Containerfile is built, a box imported, a compose file shown; what is missing is said. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { findProgram } from '../../engine/host/tools.ts';
import { convertTo, rawDisk } from '../fixtures/foreign-disks.ts';
import { ovaOf, virtualBoxOvf, writeOva } from '../fixtures/foreign-machines.ts';
import type { House } from './house.ts';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

function folderIn({ home }: House, name: string, files: Record<string, string>): string {
  const folder = join(home.path, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}
async function choose({ page }: House, folder: string): Promise<void> {
  const source = page.getByRole('radio', { name: 'Folder' });
  // On its own page there is no button that leads to it.
  if (!(await source.isVisible())) await page.getByRole('button', { name: 'New guest' }).first().click();
  await source.click();
  await page.getByRole('textbox', { name: 'Folder of this host' }).fill(folder);
}
const axe = async ({ page }: House) =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);

describeWindow(
  'a guest from a folder',
  (house) => {
    test('what is in it is listed; what is not is said', async () => {
      const { page } = house();
      await choose(house(), join(house().home.path, 'none'));
      await seen(page.getByRole('alert').filter({ hasText: 'There is no folder' }));
      await choose(house(), folderIn(house(), 'vagrant', { Vagrantfile: '' }));
      await seen(page.getByText(/A Vagrantfile names a box and has none in it/));
      await choose(house(), folderIn(house(), 'project', { 'compose.yaml': 'services: { a: { image: busybox } }\n' }));
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await seen(page.getByRole('dialog', { name: 'Project project' }));
      await page.keyboard.press('Escape');
    });

    test('its Containerfile is built, and the guest made of the image', async (context) => {
      if (!findProgram('buildah')) context.skip('no buildah here');
      const { page } = house();
      await choose(
        house(),
        folderIn(house(), 'My App', {
          Containerfile: 'FROM busybox\nCOPY word /word\nCMD ["sleep", "600"]\n',
          word: 'hi',
        }),
      );
      const found = page.getByRole('list', { name: 'In this folder' });
      expect(await found.getByRole('textbox', { name: 'Name of the image' }).inputValue()).toBe('my-app');
      expect(await axe(house())).toEqual([]);
      await found.getByRole('button', { name: 'Build the image' }).click();
      await seen(page.getByText(/^my-app:latest$/).first());
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('built');
      await page.getByRole('button', { name: 'Create and start' }).click();
      await expect.poll(() => house().state('built'), { timeout: 60_000 }).toBe('running');
      expect(await house().home.ok(['exec', 'built', 'cat', '/word'])).toBe('hi');
    });

    test('a build that fails shows why, and its output', async (context) => {
      if (!findProgram('buildah')) context.skip('no buildah here');
      const { page } = house();
      await choose(house(), folderIn(house(), 'bad', { Containerfile: 'FROM busybox\nRUN echo before; exit 7\n' }));
      await page.getByRole('button', { name: 'Build the image' }).click();
      await seen(page.getByRole('alert'));
      await seen(page.getByRole('log').getByText(/RUN echo before/));
    });

    test('a box in it is imported', async () => {
      const { page, home } = house();
      const folder = folderIn(house(), 'boxes', {
        'metadata.json': JSON.stringify({ provider: 'libvirt', format: 'qcow2', virtual_size: 1 }),
        Vagrantfile: '',
      });
      convertTo(rawDisk(join(home.path, 'disk.raw')), join(folder, 'box.img'), 'qcow2');
      ovaOf(folder, ['metadata.json', 'Vagrantfile', 'box.img'], join(folder, 'tiny.box'), '-z');
      await choose(house(), folder);
      await page.getByRole('button', { name: 'Import tiny.box' }).click();
      await seen(page.getByRole('heading', { name: /tiny\s*Stopped/ }));
    });

    test('an OVA is a source of its own: it says all, is told when it is wrong, and starts', async () => {
      const { page, home } = house();
      const folder = folderIn(house(), 'ova', {});
      convertTo(rawDisk(join(folder, 'disk.raw')), join(folder, 'one.vmdk'), 'vmdk', 'subformat=streamOptimized');
      const ovf = virtualBoxOvf({ name: 'Old server', disks: ['one.vmdk'] });
      const path = writeOva(folder, join(folder, 'server.ova'), ovf, ['one.vmdk']);
      writeFileSync(join(folder, 'wrong.ova'), 'no archive');
      await page.getByRole('button', { name: 'New guest' }).first().click();
      await page.getByRole('radio', { name: 'OVA' }).click();
      await gone(page.getByRole('radio', { name: 'Full VM' }));
      const create = page.getByRole('button', { name: /^Create and start/ });
      await create.click();
      await seen(page.getByText('Choose the file of a machine first.'));
      const field = page.getByRole('textbox', { name: 'File of a machine' });
      // Said before anything is asked for, and once.
      await field.fill(join(folder, 'wrong.ova'));
      await seen(page.getByRole('alert').filter({ hasText: 'wrong.ova' }));
      expect(await axe(house())).toEqual([]);
      await field.fill(path);
      const look = page.getByRole('region', { name: 'What is in the file' });
      await seen(look.getByText('A machine of VirtualBox'));
      await seen(look.getByText('1 core, 512 MiB'));
      await seen(look.getByText(/^64 MiB, .* in the file$/));
      await seen(look.getByText('Its sound card ("sound") was left out.'));
      expect(await axe(house())).toEqual([]);
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('server');
      await seen(page.getByText(`guesthouse import --name server ${path}`));
      await create.click();
      await seen(page.getByRole('heading', { name: /server\s*Running/ }));
      await home.ok(['kill', 'server']);
    });
  },
  { browserOnly: true, steps: true, prepare: withBusybox },
);

describeWindow(
  'a folder where buildah is missing',
  (house) => {
    test('says why nothing is built, before it is tried', async () => {
      const { page } = house();
      await choose(house(), folderIn(house(), 'app', { Dockerfile: 'FROM busybox\n' }));
      await seen(page.getByText('The program buildah is not installed.'));
      expect(await page.getByRole('button', { name: 'Build the image' }).isDisabled()).toBe(true);
      expect(await axe(house())).toEqual([]);
    });
  },
  {
    browserOnly: true,
    // Every program of this machine but one.
    prepare: async ({ home }) => {
      const folder = join(home.path, 'bin');
      mkdirSync(folder);
      for (const place of (process.env.PATH ?? '').split(':').filter((one) => one.startsWith('/')))
        for (const name of namesIn(place))
          if (name !== 'buildah')
            try {
              symlinkSync(join(place, name), join(folder, name));
            } catch {
              // An earlier folder of the PATH has it.
            }
      home.env.PATH = folder;
    },
  },
);

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
