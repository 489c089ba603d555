/**
 * `npm run screenshots [-- SECONDS]`: the pictures of the README, taken of real guests in the served window. The guests
 * work for five minutes first (or SECONDS), which is what the graphs show.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { until } from '../fixtures/home.ts';
import { House, terminalText, typeLine } from './house.ts';
import { fontEnvironment } from './scene/fonts.ts';
import { furnish, ISO } from './scene/guests.ts';
import { smallPng } from './scene/small-png.ts';

const OUT = fileURLToPath(new URL('../../assets/screenshots/', import.meta.url));
const SECONDS = Number(process.argv[2] ?? 300);
const BOOT_MS = 90_000;

const house = new House('chromium');
const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name} `) });

try {
  mkdirSync(OUT, { recursive: true });
  await furnish(house);
  const startedAt = Date.now();
  await house.begin({ theme: 'light', env: fontEnvironment(join(house.home.path, 'fonts')) });
  const { page } = house;
  await row(page, 'orders-api').click();

  await shell(page);
  await serial(page);
  await row(page, 'orders-api').click();
  await page.getByRole('tab', { name: 'Resources' }).click();
  await page.waitForTimeout(Math.max(0, SECONDS * 1000 - (Date.now() - startedAt)));
  await picture(page, 'guests');

  await images(page);
  await create(page);
  if (existsSync(ISO)) await consoles(page);
} finally {
  for (const trouble of house.troubles()) console.error(trouble);
  await house.end();
}

/** A further shell in the service, in the dock. */
async function shell(page: Page): Promise<void> {
  await row(page, 'orders-api').click({ button: 'right' });
  await page.getByRole('menuitem', { name: /shell/i }).click();
  await until(async () => /# *$/.test(await terminalText(page)), BOOT_MS);
  await page.locator('.xterm:visible').click();
  await lines(page, ['head -1 /etc/os-release', "grep -E 'Name|VmRSS|Threads' /proc/1/status", 'ls -sh /var/tmp']);
}

/** The machine's serial line, in the other half of the dock. */
async function serial(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Split/ }).click();
  await page.getByRole('button', { name: 'Open a console' }).click();
  await page.getByRole('menuitem', { name: 'build-agent' }).click();
  await page.getByRole('menuitem', { name: /^Serial console/ }).click();
  const text = async () => (await page.locator('.xterm-rows:visible').allInnerTexts()).at(-1) ?? '';
  await until(async () => /[#$]\s*$/.test((await text()).trimEnd()), BOOT_MS);
  await page.locator('.xterm:visible').last().click();
  await lines(page, ['uname -srm', "grep -E 'MemTotal|MemFree' /proc/meminfo", 'df -h / | tail -1']);
}

/** What is typed while a guest still answers would stand among its answers. */
async function lines(page: Page, all: readonly string[]): Promise<void> {
  for (const line of all) {
    await typeLine(page, line);
    await page.waitForTimeout(2500);
  }
}

async function images(page: Page): Promise<void> {
  await hideDock(page);
  await page.getByRole('link', { name: /^Images/ }).click();
  await picture(page, 'images', ['light']);
}

async function create(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New guest' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).fill('bookworm-lab');
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('menuitemradio', { name: /debian:12/ }).click();
  await page.getByText('Full VM', { exact: true }).first().click();
  await page.getByRole('button', { name: 'Add port' }).click();
  await page.getByRole('textbox', { name: 'Guest port' }).fill('22');
  const hostPort = page.getByRole('textbox', { name: 'Host address and port' });
  await hostPort.fill('127.0.0.1:2200');
  await hostPort.blur();
  await page.locator('.form').evaluate((form) => form.scrollTo(0, 0));
  await picture(page, 'create');
  await page.getByRole('button', { name: 'Other ways to create' }).click();
  await page.getByRole('menuitem', { name: 'Discard the draft' }).click();
}

/** A medium's first screen, and the consoles of others under it. */
async function consoles(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^Guests/ }).click();
  await house.home.ok(['start', 'rescue']);
  await row(page, 'rescue').click();
  await page.getByRole('tab', { name: 'Console' }).click();
  await page.getByRole('radio', { name: 'Display' }).click();
  await page.keyboard.press('Control+j');
  await page.getByText(/720 × 400/).waitFor();
  await page.waitForTimeout(3000);
  await picture(page, 'console');
}

async function hideDock(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Hide the consoles/ }).click();
}

async function picture(page: Page, name: string, themes: ('light' | 'dark')[] = ['light', 'dark']): Promise<void> {
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.mouse.move(640, 20);
    // Canvases are drawn again with the next sample.
    await page.waitForTimeout(2500);
    const png = smallPng(await page.screenshot());
    writeFileSync(`${OUT}${name}-${theme}.png`, png);
    console.log(`assets/screenshots/${name}-${theme}.png, ${Math.round(png.length / 1024)} KiB`);
  }
}
