/** The host's room on its disk, and acts that are tried again. */
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
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
      for (const part of ['Images', 'Guests', 'Volumes', 'Left-overs', 'Everything else', 'Free']) {
        await seen(storage.getByRole('term').filter({ hasText: part }));
      }
      await storage.getByRole('link', { name: 'busybox:latest' }).click();
      await seen(page.getByRole('heading', { name: 'Images' }));
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
      await new Promise((closed) => other.close(closed));
      await row.getByRole('button', { name: 'Try again' }).click();
      await expect.poll(() => house().state('taken'), { timeout: 15_000 }).toBe('running');
      await gone(row.getByRole('button', { name: 'Try again' }));
    });
  },
  { steps: true, prepare: withBusybox },
);
