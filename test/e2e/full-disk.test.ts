/** The window while nothing more can be written where guests are kept: said in one sentence, nothing lost, and it goes on. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { until } from '../fixtures/home.ts';
import { type House, typeLine } from './house.ts';
import { describeWindow, gone, seen, withBusybox } from './window.ts';

const mount = (...words: string[]) => execFileSync('mount', words);
const filler = (house: House) => join(house.home.path, 'filler');
function fill(house: House): void {
  try {
    execFileSync('dd', ['if=/dev/zero', `of=${filler(house)}`, 'bs=4k'], { stdio: 'ignore' });
  } catch {
    // That is the point.
  }
}

/** Asks for a guest of this name, and answers what is said against it, where it is seen. */
async function refusal(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'New guest' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('textbox', { name: 'Name' }).press('Control+Enter');
  const banner = page
    .getByRole('alert')
    .filter({ hasText: /space|refused|read-only/ })
    .first();
  await seen(banner);
  const { y, height } = (await banner.boundingBox()) as { y: number; height: number };
  expect(y + height).toBeLessThan(780);
  return banner.innerText();
}

// Only root may mount a small disk; what is told does not depend on who asks.
function onSmallDisk(
  title: string,
  size: string,
  specs: (house: () => House) => void,
  prepare: (house: House) => Promise<unknown>,
): void {
  describe.skipIf(process.getuid?.() !== 0)('where guests are kept', () => {
    let path = '';
    afterAll(() => {
      execFileSync('umount', [path]);
      rmSync(path, { recursive: true, force: true });
    });
    describeWindow(title, specs, {
      browserOnly: true,
      steps: true,
      prepare: async (house) => {
        path = house.home.path;
        const { end } = house.home;
        // The folder itself goes after the small disk on it.
        Object.assign(house.home, { end: () => end().catch(() => {}) });
        mount('-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', path);
        await withBusybox(house);
        await prepare(house);
      },
    });
  });
}

onSmallDisk(
  'nothing can be written',
  '64m',
  (house) => {
    test('a full disk: a new guest is refused with the reason, and nothing is left of it', async () => {
      const { page } = house();
      await seen(page.getByRole('row', { name: /^one / }).getByText('Running'));
      fill(house());
      const said = await refusal(page, 'two');
      expect(said).toMatch(/no space left/i);
      expect(said).toMatch(/Free some space|Make room/);
      await page.getByRole('button', { name: 'Cancel' }).click();
      expect((await house().guests()).map(({ name }) => name)).toEqual(['one']);
    });

    test('what runs goes on: its console, its charts, its end', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^one / }).click();
      await page.getByRole('button', { name: 'Console', exact: true }).click();
      await page.locator('.xterm-helper-textarea:focus').waitFor({ state: 'attached' });
      await typeLine(page, 'echo $((6 * 7))-here');
      await expect.poll(() => page.locator('.xterm-rows').first().innerText()).toContain('42-here');
      await page.getByRole('tab', { name: 'Resources' }).click();
      await seen(page.getByRole('img', { name: /^CPU over.*use \d/ }));
      await page.getByRole('tab', { name: 'Overview' }).click();
      await page
        .getByRole('button', { name: 'Kill', exact: true })
        .or(page.getByRole('button', { name: 'Stop', exact: true }))
        .first()
        .click();
      await gone(page.getByRole('row', { name: /^one / }).getByText('Running'));
    });

    test('with room again it starts', async () => {
      const { page } = house();
      rmSync(filler(house()));
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      await seen(page.getByRole('row', { name: /^one / }).getByText('Running'));
    });

    test('a file system that became read-only is named, and guests are made once it can be written', async () => {
      const { page } = house();
      // What runs writes to its folder, so the disk itself cannot be made read-only: its place is taken by one that is.
      const guests = join(house().home.path, 'guests');
      mount('-t', 'tmpfs', '-o', 'ro,mode=0700', 'tmpfs', guests);
      try {
        const said = await refusal(page, 'three');
        expect(said).toMatch(/Access was refused while creating three\./);
        expect(said).toMatch(/mounted read-only/);
        expect(said).not.toMatch(/fault of Guesthouse/);
      } finally {
        execFileSync('umount', [guests]);
      }
      await page.getByRole('textbox', { name: 'Name' }).press('Control+Enter');
      await seen(page.getByRole('row', { name: /^three / }));
    });
  },
  async (house) => {
    await house.container('one', ['sh'], ['-t']);
    await house.home.ok(['start', 'one']);
  },
);

onSmallDisk(
  'a machine writes until there is no room',
  '512m',
  (house) => {
    test('it is paused and says why, and goes on where it was once there is room', async () => {
      const { page } = house();
      await page.getByRole('row', { name: /^box / }).click();
      await seen(page.getByRole('row', { name: /^box / }).getByText('Running'));
      await until(async () => (await house().home.ok(['logs', 'box'])).includes('ready'));
      fill(house());
      await house().home.ok([
        'exec',
        '-d',
        'box',
        '--',
        'sh',
        '-c',
        'dd if=/dev/zero of=/big bs=1M count=64; sync; echo written > /dev/console',
      ]);
      await seen(page.getByRole('row', { name: /^box / }).getByText('Paused'));
      await seen(page.getByText('The disk of the host is full; free some space and resume.').first());
      rmSync(filler(house()));
      await page.getByRole('button', { name: 'Resume', exact: true }).click();
      await seen(page.getByRole('row', { name: /^box / }).getByText('Running'));
      await until(async () => (await house().home.ok(['logs', 'box'])).includes('written'), 60_000);
      await gone(page.getByText('The disk of the host is full; free some space and resume.').first());
    });
  },
  (house) =>
    house.home.ok([
      'create',
      'box',
      '--image',
      'busybox',
      '--isolation',
      'vm',
      '--memory',
      '128',
      '--disk',
      '1',
      '--start',
      '--',
      'sh',
      '-c',
      'echo ready; sleep 3600',
    ]),
);
