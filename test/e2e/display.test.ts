/** A machine with a screen in the window: its display by hand, its snapshots with memory, suspending, its hardware. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { describeWindow, gone, seen } from './window.ts';

/** Debian's package grub-rescue-pc: a boot loader that does what is typed. */
const ISO = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';
const SCREEN = { width: 720, height: 400 };

describeWindow(
  'a machine with a screen',
  (house) => {
    /** What stands on its screen in text mode: each cell is a letter and its colours. */
    const words = async () => {
      const said = await house().home.ok(['console', '--monitor', 'box'], { input: 'xp /2000hx 0xb8000\n' });
      const cells = [...said.matchAll(/0x([0-9a-f]{4})\b/g)].map(([, cell = '']) => Number.parseInt(cell, 16) & 0xff);
      const rows = Array.from({ length: 25 }, (_, row) => cells.slice(row * 80, row * 80 + 80));
      return rows.map((row) => String.fromCharCode(...row).trimEnd()).join('\n');
    };
    const reads = (pattern: RegExp) => expect.poll(words, { timeout: 60_000, interval: 500 }).toMatch(pattern);
    const canvas = (page: Page = house().page) =>
      page.getByRole('application', { name: /^Screen of box/ }).locator('canvas');
    const boxOf = async (page?: Page) => canvas(page).boundingBox();
    const press = (name: string | RegExp) =>
      house()
        .page.getByRole('button', { name, exact: typeof name === 'string' })
        .click();
    const command = async (line: string) => {
      await canvas().click();
      // As a hand does: what is typed whole comes without its Shift key, and the guest has a keyboard of its own.
      const { keyboard } = house().page;
      for (const letter of line)
        await keyboard.press(/[A-Z]/.test(letter) ? `Shift+Key${letter}` : letter, { delay: 30 });
      await keyboard.press('Enter');
    };

    beforeEach((context) => {
      if (!existsSync(ISO)) context.skip('no ISO here: package grub-rescue-pc');
    });

    test('shows it to fit, one to one, and on the whole of the screen', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^box/ }).click();
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      await seen(page.getByRole('heading', { name: /box\s*Running/ }));
      await page.getByRole('tab', { name: 'Console' }).click();
      await page.getByRole('radio', { name: '1:1' }).click();
      await seen(page.getByText('720 × 400', { exact: true }));
      await expect.poll(() => boxOf()).toMatchObject(SCREEN);
      await page.getByRole('radio', { name: 'Fit' }).click();
      const fitted = async () => ((await boxOf())?.width ?? 0) / SCREEN.width;
      await expect.poll(fitted).not.toBe(1);
      await seen(page.getByText(new RegExp(`720 × 400.* ${Math.round((await fitted()) * 100)}`)));
      const isFull = () => page.evaluate(() => document.fullscreenElement !== null);
      await press('Full screen');
      await expect.poll(isFull).toBe(true);
      await press('Full screen');
      await expect.poll(isFull).toBe(false);
    });

    test('takes what is typed on it, what is pasted as keystrokes, and keys that a browser keeps', async () => {
      const { page } = house();
      await reads(/GNU GRUB/);
      await canvas().click();
      await page.keyboard.press('c');
      await reads(/^grub> *$/m);
      await command('echo By-Hand');
      await reads(/^By-Hand$/m);
      await page.evaluate(() => navigator.clipboard.writeText('echo "Pasted: {$grub_cpu} ~ 42%"'));
      await press(/^Type the clipboard as keystrokes/);
      await reads(/^grub> echo "Pasted: \{\$grub_cpu\} ~ 42%"$/m);
      await canvas().click();
      await page.keyboard.press('Enter');
      await reads(/^Pasted: \{i386\} ~ 42%$/m);
      // GRUB's own way to clear a line, with the key held by a click.
      await page.keyboard.type('rubbish', { delay: 40 });
      await reads(/^grub> rubbish$/m);
      await press('Ctrl');
      expect(await page.getByRole('button', { name: 'Ctrl', exact: true }).getAttribute('aria-pressed')).toBe('true');
      await canvas().click();
      await page.keyboard.press('u');
      await press('Ctrl');
      await reads(/^grub> *$(?![\s\S]*rubbish)/m);
      await press('More key combinations');
      await page.getByRole('menuitem', { name: 'Ctrl+Alt+F1', exact: true }).click();
      expect(await words()).toMatch(/^grub>/m);
    });

    test('is kept as a picture, and shown in a window of its own', async () => {
      const { page } = house();
      const [picture] = await Promise.all([page.waitForEvent('download'), press('Screenshot')]);
      expect(picture.suggestedFilename()).toMatch(/^box.*\.png$/);
      const png = readFileSync(await picture.path());
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([SCREEN.width, SCREEN.height]);
      const [own] = await Promise.all([page.waitForEvent('popup'), press('Open in its own window')]);
      await canvas(own).waitFor();
      await expect.poll(() => boxOf(own).then((box) => box?.width ?? 0)).toBeGreaterThan(300);
      await canvas(own).click();
      await own.keyboard.type('echo from-there', { delay: 40 });
      await own.keyboard.press('Enter');
      await reads(/^from-there$/m);
      await own.close();
    });

    test('has snapshots with its memory and its picture, and goes back to one', async () => {
      const { page } = house();
      const tab = page.getByRole('region', { name: 'Snapshots' });
      await page.getByRole('tab', { name: 'Snapshots' }).click();
      await tab.getByRole('button', { name: 'Take snapshot' }).click();
      const form = page.getByRole('dialog', { name: 'A snapshot of box' });
      await form.getByRole('textbox', { name: 'Name' }).fill('typed');
      await form.getByRole('checkbox', { name: /^With its memory/ }).check();
      await form.getByRole('button', { name: 'Take snapshot' }).click();
      await gone(form);
      const row = tab.getByRole('row', { name: /typed\s*now .* running, with memory/ });
      await seen(row);
      const picture = row.getByRole('img', { name: 'The screen when typed was taken' });
      await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(320);

      await page.getByRole('tab', { name: 'Console' }).click();
      await press('Ctrl+Alt+Del');
      // The boot loader begins anew.
      await reads(/GNU GRUB(?![\s\S]*from-there)/);
      await page.getByRole('tab', { name: 'Snapshots' }).click();
      await page.getByRole('button', { name: 'Actions for the snapshot typed' }).click();
      await page.getByRole('menuitem', { name: 'Restore…', exact: true }).click();
      const question = page.getByRole('alertdialog', { name: 'Make box what it was in typed?' });
      await seen(question.getByText(/It then goes on where it was, with its memory/));
      await question.getByRole('button', { name: 'Restore typed' }).click();
      await gone(question);
      await seen(page.getByRole('heading', { name: /box\s*Running/ }));
      await reads(/^from-there$/m);
    });

    test('is suspended, and goes on where it was', async () => {
      const { page } = house();
      await page.locator('[data-tour="acts"]').getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Suspend to disk', exact: true }).click();
      await seen(page.getByRole('heading', { name: /box\s*Stopped/ }));
      await page.getByRole('tab', { name: 'Overview' }).click();
      await seen(page.getByText(/Suspended .*: its memory is kept on the disk/));
      await press('Start');
      await seen(page.getByRole('heading', { name: /box\s*Running/ }));
      await reads(/^from-there$/m);
    });

    test('gets other hardware by its form, and has it then', async () => {
      const { page, home } = house();
      await home.ok(['snapshot', 'rm', '-f', 'box', 'typed']);
      await home.ok(['stop', '-t', '0', 'box']);
      await seen(page.getByRole('heading', { name: /box\s*Stopped/ }));
      await page.keyboard.press('Alt+e');
      const form = page.getByRole('form', { name: 'Edit settings' });
      const choose = (label: string, option: string) =>
        form.getByRole('combobox', { name: label, exact: true }).selectOption({ label: option });
      await choose('Firmware', 'UEFI');
      await choose('Disk on', 'NVMe');
      await choose('Network card', 'Intel e1000e');
      await choose('Screen', 'virtio');
      await choose('Sound', 'AC’97');
      await form.getByRole('checkbox', { name: 'A TPM 2.0 of its own' }).check();
      await form.getByRole('textbox', { name: 'For QEMU' }).fill('-monitor stdio');
      await seen(form.getByText(/"-monitor" is not allowed: the monitor is the engine’s alone/));
      await form.getByRole('textbox', { name: 'For QEMU' }).fill('-device edu');
      await press('Apply');
      await gone(form);
      const { id, spec } = JSON.parse(await home.ok(['inspect', 'box']));
      expect(spec.machine).toMatchObject({
        firmware: 'uefi',
        diskBus: 'nvme',
        nic: 'e1000e',
        video: 'virtio',
        tpm: true,
      });
      await press('Start');
      await seen(page.getByRole('heading', { name: /box\s*Running/ }));
      const line = commandOf(id);
      for (const word of [/pflash/, /nvme/, /e1000e/, /virtio-vga/, /AC97/, /tpm-tis|tpm-crb/, /^edu$/m])
        expect(line).toMatch(word);
    });
  },
  {
    steps: true,
    browserOnly: true,
    prepare: async (house) => {
      await house.serve();
      if (existsSync(ISO))
        await house.home.ok(['create', 'box', '--isolation', 'vm', '--memory', '128', '--disk', '1', '--iso', ISO]);
    },
  },
);

/** Words of the QEMU of a guest, a line for each. */
function commandOf(id: string): string {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (/qemu-system/.test(words[0] ?? '') && words.some((word) => word.endsWith(id))) return words.join('\n');
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error(`no QEMU of ${id}`);
}
