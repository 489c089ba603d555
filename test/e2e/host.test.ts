/** The host's room on its disk, and acts that are tried again. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { programsWithout } from '../fixtures/programs.ts';
import type { House } from './house.ts';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

describeWindow(
  'storage and second tries',
  (house) => {
    test('the host’s page says what takes how much, and who most of it', async () => {
      const { page } = house();
      await house().container('web');
      await page.getByRole('link', { name: /^Hosts/ }).click();
      const storage = page.getByRole('region', { name: 'Storage' });
      await seen(storage.getByText(/Guesthouse takes .+ are free/));
      for (const part of ['Images', 'Guests', 'Volumes', 'Leftovers', 'Everything else', 'Free']) {
        await seen(storage.getByRole('term').filter({ hasText: part }));
      }
      const image = storage.getByRole('button', { name: 'Delete busybox:latest' });
      expect(await image.getAttribute('aria-disabled')).toBe('true');
      expect(await image.getAttribute('title')).toContain('web');
      await house().home.ok(['volume', 'create', 'old']);
      await house().home.ok([
        'run',
        '--rm',
        '-v',
        'old:/v',
        'busybox',
        'dd',
        'if=/dev/zero',
        'of=/v/f',
        'bs=1M',
        'count=3',
      ]);
      await storage.getByRole('button', { name: 'Measure again' }).click();
      await storage.getByRole('button', { name: 'Delete old' }).click();
      const question = page.getByRole('alertdialog');
      await seen(question.getByText(/3 MiB/));
      await question.getByRole('button', { name: 'Delete old' }).click();
      await gone(storage.getByRole('link', { name: 'old', exact: true }));
      expect(await house().home.ok(['volume', 'ls'])).not.toContain('old');
      await storage.getByRole('link', { name: 'busybox:latest' }).click();
      await seen(page.getByRole('heading', { name: 'Images' }));
    });

    test('what only saves time is cleared, and how much that frees is said before', async () => {
      const { page, home } = house();
      const packages = join(home.path, 'cache', 'debs');
      mkdirSync(packages, { recursive: true });
      writeFileSync(join(packages, 'a.deb'), Buffer.alloc(5 * 1024 * 1024, 1));
      await page.getByRole('link', { name: /^Hosts/ }).click();
      const storage = page.getByRole('region', { name: 'Storage' });
      await storage.getByRole('button', { name: 'Measure again' }).click();
      const left = storage.locator('dl > div').filter({ hasText: 'Leftovers' }).getByRole('definition');
      await expect.poll(() => left.innerText(), { timeout: 30_000 }).toBe('5 MiB');
      await storage.getByRole('button', { name: 'Clear leftovers…' }).click();
      const question = page.getByRole('alertdialog', { name: 'Clear what only saves time?' });
      await seen(question.getByText(/packages fetched for images built here\. Frees 5 MiB/));
      await question.getByRole('button', { name: 'Delete 5 MiB' }).click();
      // The empty folders are left.
      await expect.poll(() => left.innerText(), { timeout: 30_000 }).toMatch(/^\d+ (KiB|bytes)$/);
      expect(existsSync(packages)).toBe(false);
      expect(await home.ok(['image', 'ls', '-q'])).not.toBe('');
      // What the engine has measured stays.
      expect(
        existsSync(join(home.path, 'cache', 'costs.json')) || readdirSync(join(home.path, 'cache')).length > 0,
      ).toBe(true);
    });

    test('what failed is tried again once its cause is gone', async () => {
      const { page } = house();
      // Somebody else's port, free while the guest is made.
      const first = createServer();
      await new Promise<void>((listening) => first.listen(0, '127.0.0.1', listening));
      const { port } = first.address() as { port: number };
      await new Promise((closed) => first.close(closed));
      await house().container('taken', ['sleep', '3600'], ['-p', `${port}:80`]);
      const other = createServer();
      await new Promise<void>((listening) => other.listen(port, '127.0.0.1', listening));
      expect((await house().home.gh(['start', 'taken'])).code).not.toBe(0);
      await page.getByRole('link', { name: /^Activity/ }).click();
      const row = page.getByRole('row', { name: /Start.*taken/ });
      await seen(row.getByText('failed', { exact: false }).first());
      await seen(row.getByText('Command line'));
      await new Promise((closed) => other.close(closed));
      await row.getByRole('button', { name: 'Try again' }).click();
      await expect.poll(() => house().state('taken'), { timeout: 15_000 }).toBe('running');
      await gone(row.getByRole('button', { name: 'Try again' }));
      await seen(row.getByText('Window'));
    });

    test('an engine that was killed leaves what was done, by whom, and what can be tried again', async () => {
      const { page, home } = house();
      expect((await home.gh(['clone', 'web', 'taken'])).code).not.toBe(0);
      house().expectTrouble(/WebSocket connection to .* failed/);
      await house().killServer();
      await house().serve();
      await gone(page.getByRole('alert').getByText('The link to the engine is lost'));
      const first = page.getByRole('row', { name: /Create.*taken/ });
      await seen(first.getByText('Command line'));
      const row = page.getByRole('row', { name: /Start.*taken/ }).first();
      await seen(row.getByText('Done'));
    });
  },
  { steps: true, prepare: withBusybox },
);

/** A host without swtpm, and with a package system of ours that brings it. */
function withoutTpm({ home }: House): void {
  const programs = programsWithout(home, ['swtpm', 'apt-get']);
  const swtpm = join(programs.bin, 'swtpm');
  programs.put('apt-get', `echo "Setting up $*"\nprintf '#!/bin/sh\\n' > ${swtpm}\nchmod +x ${swtpm}`);
}

describeWindow(
  'what the doctor finds',
  (house) => {
    test('is mended by a command that is shown first, and shows what it writes', async () => {
      const { page } = house();
      await page.getByRole('link', { name: /^Hosts/ }).click();
      const checks = page.getByRole('region', { name: 'Checks' });
      await seen(checks.getByText(/apt-get install .* swtpm/));
      if (process.getuid?.() !== 0) {
        await seen(checks.getByText('needs root: copy it into a terminal').first());
        expect(await checks.getByRole('button', { name: 'Mend' }).count()).toBe(0);
        return;
      }
      const finding = checks.getByRole('listitem').filter({ hasText: 'swtpm' });
      await finding.getByRole('button', { name: 'Mend' }).click();
      await seen(page.getByRole('alertdialog', { name: 'Mend TPM?' }).getByText(/apt-get install .* swtpm/));
      await page.getByRole('button', { name: 'Run the command' }).click();
      await seen(checks.getByRole('log').getByText(/Setting up install .* swtpm/));
      await seen(checks.getByText(/swtpm is at /));
    });
  },
  { browserOnly: true, prepare: async (house) => withoutTpm(house) },
);
