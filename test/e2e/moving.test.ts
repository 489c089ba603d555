/** Machines come from other programs and leave for them, in the window. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, expect, test } from 'vitest';
import { convertTo, rawDisk, requireSame } from '../fixtures/foreign-disks.ts';
import { domainXml } from '../fixtures/foreign-machines.ts';
import { hasLibvirt, startLibvirt, type TestLibvirt } from '../fixtures/libvirt.ts';
import { vbox, virtualBoxRegistry } from '../fixtures/virtualbox.ts';
import { describeWindow, gone, seen } from './window.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-moving-'));
const before = process.env.VBOX_USER_HOME;
process.env.VBOX_USER_HOME = folder;
/** That of the system: one of a session would need a home of its own before the server is there. */
const canLibvirt = hasLibvirt && process.getuid?.() === 0;
const domain = `gh-window-${process.pid}`;
let libvirt: TestLibvirt | null = null;
afterAll(async () => {
  await libvirt?.end();
  if (before === undefined) delete process.env.VBOX_USER_HOME;
  else process.env.VBOX_USER_HOME = before;
  rmSync(folder, { recursive: true, force: true });
});

describeWindow(
  'a machine moves',
  (house) => {
    const raw = join(folder, 'disk.raw');

    test('in from VirtualBox with one click, and what cannot come says why', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'Find machines of other programs…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Machines of other programs' });
      await seen(dialog.getByText('it has snapshots', { exact: false }));
      expect(await dialog.getByRole('button', { name: 'Import snap' }).isDisabled()).toBe(true);
      const { violations } = await new AxeBuilder({ page: page as never }).include('.dialog').analyze();
      expect(violations).toEqual([]);
      await dialog.getByRole('button', { name: 'Import web' }).click();
      await gone(dialog);
      await seen(page.getByRole('heading', { name: /web\s*Stopped/ }));
      await seen(page.getByText('2 cores, 1 GiB'));
    });

    test('from libvirt as well', async (context) => {
      if (!canLibvirt) context.skip('no libvirt of the system, or not root');
      const { page, home } = house();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('machines of other programs');
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Machines of other programs' });
      await dialog.getByRole('button', { name: `Import ${domain}` }).click();
      await gone(dialog);
      await seen(page.getByRole('heading', { name: new RegExp(`${domain}\\s*Stopped`) }));
      await seen(page.getByText('2 cores, 512 MiB'));
      const { id } = JSON.parse(await home.ok(['inspect', domain]));
      requireSame(raw, join(home.path, 'guests', id, 'disk.qcow2'), 'qcow2');
      expect(libvirt?.virsh('domstate', domain).trim()).toBe('shut off');
    });

    test('and out as an OVA, named for what it is', async () => {
      const { page } = house();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('export web');
      await page.keyboard.press('Enter');
      const form = page.getByRole('dialog', { name: 'Export web' });
      await form.getByRole('textbox', { name: 'File' }).fill(join(folder, 'web.guest.tar'));
      await form.getByRole('radio', { name: 'OVA' }).click();
      await seen(form.getByText('For VirtualBox, VMware and others', { exact: false }));
      await form.getByRole('button', { name: 'Export', exact: true }).click();
      await gone(form);
      const ova = join(folder, 'web.ova');
      await expect.poll(() => existsSync(ova), { timeout: 60_000 }).toBe(true);
      execFileSync('tar', ['-xf', ova, '-C', folder, 'web-disk1.vmdk']);
      requireSame(raw, join(folder, 'web-disk1.vmdk'), 'vmdk');
    });

    test('and what no other program would start says so, before and after', async () => {
      const { page, home } = house();
      await home.ok(['image', 'build', 'busybox']);
      await home.ok(['create', 'box', '--image', 'busybox', '--isolation', 'vm', '--network', 'none']);
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('export box');
      await page.keyboard.press('Enter');
      const form = page.getByRole('dialog', { name: 'Export box' });
      await form.getByRole('textbox', { name: 'File' }).fill(join(folder, 'box.guest.tar'));
      await gone(form.getByText('no boot loader', { exact: false }));
      await form.getByRole('radio', { name: 'qcow2' }).click();
      await seen(form.getByText('no boot loader: no other program starts it', { exact: false }));
      await form.getByRole('button', { name: 'Export', exact: true }).click();
      await gone(form);
      const notices = page.getByRole('region', { name: 'Notices' });
      await seen(notices.getByText('no boot loader: no other program starts it', { exact: false }));
      expect(existsSync(join(folder, 'box.qcow2'))).toBe(true);
    });
  },
  {
    browserOnly: true,
    steps: true,
    prepare: async () => {
      mkdirSync(join(folder, 'web'));
      convertTo(rawDisk(join(folder, 'disk.raw')), join(folder, 'web/web.vdi'), 'vdi');
      writeFileSync(join(folder, 'web/web.vbox'), vbox('web'));
      writeFileSync(join(folder, 'snap.vbox'), vbox('snap', true));
      writeFileSync(join(folder, 'VirtualBox.xml'), virtualBoxRegistry([join(folder, 'web/web.vbox'), 'snap.vbox']));
      if (!canLibvirt) return;
      libvirt = await startLibvirt(folder);
      const disk = convertTo(join(folder, 'disk.raw'), join(folder, 'domain.qcow2'), 'qcow2');
      libvirt.define(domainXml(domain, disk).replace(/<uuid>.*<\/uuid>/, ''));
    },
  },
);
