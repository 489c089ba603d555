/** Machines in the window: an image of the store by its serial line and its screen, and a medium that boots. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { SPICE_AGENT } from '../fixtures/spice-agent.ts';
import { terminalText, typeLine } from './house.ts';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

const ISO = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';

/** Share of the guest's screen, or of its small picture, that is not black, in per cent; 0 is a blank screen. */
function litPercent(page: Page, where = '[role="application"]'): Promise<number> {
  return page.evaluate((around) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`${around} canvas`);
    const context = canvas?.getContext('2d');
    if (!canvas || !context || canvas.width === 0) return 0;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    return (pixels.filter((pixel) => (pixel & 0xffffff) !== 0).length * 100) / pixels.length;
  }, where);
}

describeWindow(
  'a machine',
  (house) => {
    test('boots, and what is typed into its serial line reaches its shell', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^box/ }).click();
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      await seen(page.getByRole('heading', { name: /box\s*Running/ }));
      await page.getByRole('button', { name: 'Console', exact: true }).click();
      await expect.poll(() => terminalText(page), { timeout: 60_000 }).toMatch(/# *$/m);
      await page.getByRole('group', { name: 'box, ttyS0' }).click();
      await typeLine(page, 'echo answer-$((6 * 7)) from $(hostname)');
      await expect.poll(() => terminalText(page)).toContain('answer-42 from box');
    });

    test('says how it is executed, and its figures move', async () => {
      const { page } = house();
      await seen(page.getByText(/QEMU.*, (KVM|software emulation)/));
      const memory = page.getByRole('row', { name: /^box/ }).getByText(/\d+ MiB/);
      await seen(memory);
      await page.getByRole('tab', { name: 'Resources' }).click();
      const cpu = page.getByRole('img', { name: /^CPU over/ });
      await expect.poll(() => cpu.getAttribute('aria-label')).toMatch(/peak \d/);
      const before = await cpu.getAttribute('aria-label');
      await page.getByRole('group', { name: 'box, ttyS0' }).click();
      await typeLine(page, 'head -c 30000000 /dev/urandom | md5sum');
      await expect.poll(() => cpu.getAttribute('aria-label')).not.toBe(before);
      // What it takes of the host, and what its own system says it uses.
      await seen(page.getByRole('img', { name: /^Memory over .*host side \d.*guest side \d/ }));
    });

    test('gets a folder while it runs', async () => {
      const { page, home } = house();
      const source = mkdtempSync(join(tmpdir(), 'gh-shared-'));
      writeFileSync(join(source, 'file'), 'from the host');
      await page.getByRole('tab', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await page.getByRole('button', { name: 'Add folder', exact: true }).click();
      await page.getByRole('combobox', { name: 'Volume or folder of the host' }).fill(source);
      await page.getByRole('textbox', { name: 'Path in the guest' }).fill('/shared');
      await seen(page.getByText('At once: folders.'));
      await page.getByRole('button', { name: 'Apply', exact: true }).click();
      await gone(page.getByRole('form', { name: 'Edit settings' }));
      expect(await home.ok(['exec', 'box', 'cat', '/shared/file'])).toBe('from the host');
      await home.ok(['update', 'box', '--volume-rm', '/shared']);
      rmSync(source, { recursive: true });
      await page.getByRole('tab', { name: 'Overview' }).click();
    });

    test('is looked into from outside, and its monitor answers', async () => {
      const { page } = house();
      await page.getByRole('tab', { name: 'Processes' }).click();
      // Those of its own system, by their numbers in it.
      await seen(
        page
          .getByRole('region', { name: 'Processes' })
          .getByRole('row', { name: /^\d+ \S*sh / })
          .first(),
      );
      const inside = page.getByRole('region', { name: 'The machine, seen from outside' });
      await seen(inside.getByRole('row', { name: /^Processor 0/ }));
      await inside.getByText('Registers: Processor 0').click();
      await seen(inside.getByText(/RIP=[0-9a-f]{16}/));
      await inside.getByRole('button', { name: 'Ask QEMU’s monitor' }).click();
      const line = page.getByRole('textbox', { name: 'Line for the monitor' });
      const answers = page.getByRole('log', { name: 'Answers of the monitor of box' });
      await expect.poll(() => line.evaluate((field) => field === document.activeElement)).toBe(true);
      await page.keyboard.type('info status\n');
      await seen(answers.getByText('VM status: running'));
      await page.keyboard.type('info nam');
      for (const key of ['ArrowUp', 'ArrowDown']) await page.keyboard.press(key);
      await page.keyboard.type('e\n');
      await seen(answers.getByText(/\(qemu\) info name\s+box/));
      await page.keyboard.press('ArrowUp');
      expect(await line.inputValue()).toBe('info name');
      await page.keyboard.press('Control+l');
      await expect.poll(() => answers.innerText()).not.toContain('VM status');
      await page.getByRole('button', { name: 'Close box monitor' }).click();
    });

    test('shows its screen', async () => {
      const { page } = house();
      await page.getByRole('tab', { name: 'Console' }).click();
      await page.getByRole('radio', { name: 'Display' }).click();
      await seen(page.getByRole('application', { name: /^Screen of box/ }).locator('canvas'));
      await expect.poll(() => litPercent(page)).toBeGreaterThan(0);
    });

    test('is heard once somebody asks, and not before', async () => {
      const { page, home } = house();
      const button = page.getByRole('button', { name: 'Sound of the machine' });
      expect(await button.getAttribute('aria-pressed')).toBe('false');
      await page.evaluate(() => {
        const make = AudioContext.prototype.createBufferSource;
        Object.assign(window, { played: 0 });
        AudioContext.prototype.createBufferSource = function () {
          (window as unknown as { played: number }).played++;
          return make.call(this);
        };
      });
      const played = () => page.evaluate(() => (window as unknown as { played: number }).played);
      // The board's timer is set to a tone, and its speaker follows it.
      const ports = ['0x43 0xb6', '0x42 0xa9', '0x42 0x04', '0x61 0x03'].map((words) => `o /b ${words}\n`).join('');
      await home.ok(['console', '--monitor', 'box'], { input: ports });
      expect(await played()).toBe(0);
      await button.click();
      await expect.poll(played).toBeGreaterThan(2);
      expect(await button.getAttribute('aria-pressed')).toBe('true');
      await button.click();
      await home.ok(['console', '--monitor', 'box'], { input: 'o /b 0x61 0\n' });
      expect(await button.getAttribute('aria-pressed')).toBe('false');
    });

    test('and its agent hand each other their clipboards, when told to', async () => {
      const { page, home } = house();
      const agent = home.gh(['exec', 'box', 'sh', '-c', SPICE_AGENT]);
      const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
      await page.evaluate(() => navigator.clipboard.writeText('from-window'));
      // Nothing of the guest's reaches the clipboard by itself.
      const take = page.getByRole('button', { name: 'Take over what was copied in the guest' });
      await expect.poll(() => take.isEnabled(), { timeout: 60_000 }).toBe(true);
      expect(await clipboard()).toBe('from-window');
      await page.getByRole('button', { name: 'Give your clipboard to the guest' }).click();
      expect(await agent).toMatchObject({ code: 0, stdout: 'the guest has: from-window\n' });
      await take.click();
      await seen(page.getByText('Copied', { exact: true }));
      expect(await clipboard()).toBe('from-guest');
    });

    test('stops', async () => {
      const { page } = house();
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await expect.poll(() => house().state('box'), { timeout: 30_000 }).toBe('stopped');
      await seen(page.getByRole('heading', { name: /box\s*Stopped/ }));
      // Its screen went with it; what it wrote is still there.
      await seen(page.getByRole('log', { name: 'Log of box' }));
    });

    test('stands beside a container of its image, with what each really cost', async () => {
      const { page } = house();
      await page.getByRole('link', { name: /^Compare/ }).click();
      const table = page.getByRole('table', { name: 'busybox:latest side by side' });
      const cell = (row: string, column: number) => table.getByRole('row', { name: row }).getByRole('cell').nth(column);
      await seen(cell('Start', 2).getByText(/^\d.* s$/));
      await seen(table.getByText('Nothing to compare it with yet.'));
      await table
        .getByRole('columnheader', { name: /Container/ })
        .getByRole('button', { name: 'Make one like it' })
        .click();
      expect(await page.getByRole('textbox', { name: /^Name/ }).inputValue()).toBe('box-container');
      expect(await page.getByRole('radio', { name: 'Container' }).isChecked()).toBe(true);
      // Everything of it, its port as well.
      expect(await page.getByRole('textbox', { name: 'Guest port' }).inputValue()).toBe('80');
      await page.getByRole('button', { name: /^Create and start/ }).click();
      await expect.poll(() => house().state('box-container')).toBe('running');
      await page.getByRole('link', { name: /^Compare/ }).click();
      await seen(cell('Start', 0).getByText('measured here, 1 start'));
      await table
        .getByRole('columnheader', { name: /Container/ })
        .getByRole('button', { name: 'Restart' })
        .click();
      await seen(cell('Start', 0).getByText('measured here, median of 2 starts'));
      await seen(cell('Start', 0).getByText('1.0×'));
      await seen(cell('Start', 2).getByText(/^\d.*×$/));
      // Looked at when it has settled.
      await seen(cell('Memory on the host', 0).getByText(/^measured here/));
      await seen(cell('Disk', 0).getByText(/^measured here/));
      await seen(table.getByRole('row', { name: /^Memory limit\s*same/ }));
      expect(await page.getByText('not set up alike').count()).toBe(0);
      await house().home.ok(['update', 'box-container', '--memory', '64m']);
      await seen(page.getByText(/not set up alike \(memory limit\)/));
    });
  },
  {
    steps: true,
    prepare: async (house) => {
      await withBusybox(house);
      await house.home.ok([
        'create',
        'box',
        '--image',
        'busybox',
        '--isolation',
        'vm',
        '--memory',
        '128',
        '-p',
        '0:80',
        '--clipboard',
        '--shared-memory',
        '--sound',
        'hda',
      ]);
    },
  },
);

describeWindow('a bootable medium', (house) => {
  test('is chosen on the New guest page and boots to its first screen', async (context) => {
    if (!existsSync(ISO)) context.skip('no ISO here: package grub-rescue-pc');
    const { page } = house();
    await page.getByRole('button', { name: 'New guest' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill('rescue');
    await page.getByRole('radio', { name: 'ISO' }).click();
    await page.getByRole('textbox', { name: 'ISO file' }).fill(ISO);
    await expect.poll(() => page.getByRole('radio', { name: 'Full VM' }).isChecked()).toBe(true);
    await page.getByRole('button', { name: /^Create and start/ }).click();
    await seen(page.getByRole('heading', { name: /rescue\s*Running/ }));
    await page.getByRole('tab', { name: 'Console' }).click();
    // What boots a medium is looked at by its screen, also after a reload.
    await seen(page.getByText(/720 × 400/));
    await page.reload();
    await seen(page.getByText(/720 × 400/));
    // The boot loader's menu has a bar of light; the firmware's few words before it have not.
    await expect.poll(() => litPercent(page)).toBeGreaterThan(4);
    // In small on the overview, from where a click leads back to it.
    await page.getByRole('tab', { name: 'Overview' }).click();
    await expect.poll(() => litPercent(page, '.thumbnail')).toBeGreaterThan(4);
    await page.getByRole('button', { name: 'Open the display of rescue' }).click();
    await seen(page.getByText(/720 × 400/));
    // And in the list, for who wants it there.
    await page.getByRole('button', { name: 'Columns and order' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Screen' }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => litPercent(page, '[data-guest] .thumbnail')).toBeGreaterThan(4);
  });
});
