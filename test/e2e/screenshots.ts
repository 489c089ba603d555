/** `npm run screenshots`: the pictures of the README, of real guests in the served window. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { makeHome, until } from '../fixtures/home.ts';

const OUT = fileURLToPath(new URL('../../assets/screenshots/', import.meta.url));
const SIZE = { width: 1280, height: 800 };
/** Long enough for graphs with something on them (ms). */
const GRAPHS_MS = Number(process.env.GRAPHS_MS ?? 45_000);
/** Some work, so that the graphs show more than a flat line. */
const WORK =
  'while true; do i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo "$(date +%T) round done"; sleep 4; done';

mkdirSync(OUT, { recursive: true });
const home = makeHome();
try {
  await home.ok(['image', 'build', 'busybox']);
  const create = (name: string, isolation: string, more: string[] = [], command: string[] = []) =>
    home.ok([
      'create',
      name,
      '--image',
      'busybox',
      '--isolation',
      isolation,
      ...more,
      ...(command.length > 0 ? ['--', ...command] : []),
    ]);
  await create('web', 'container', ['--memory', '256', '-p', '18080:80'], ['sh', '-c', 'httpd -p 80; exec sh']);
  await create('worker', 'container', ['--memory', '128'], ['sh', '-c', WORK]);
  await create('machine', 'vm', ['--memory', '256'], ['sh']);
  await create('archive', 'container', ['--memory', '64'], ['sh']);
  await home.ok(['start', 'web', 'worker', 'machine']);

  const { url } = await home.serve();
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1.5 });
  await page.goto(url);
  await page.getByText('worker').first().waitFor();
  await new Promise((resolve) => setTimeout(resolve, GRAPHS_MS));

  const guests = JSON.parse(await home.ok(['ls', '--json'])) as { id: string; name: string }[];
  const hash = (name: string, tab: string) => `#/guests/${guests.find((guest) => guest.name === name)?.id}/${tab}`;
  await picture(page, 'light', hash('worker', 'resources'), 'guest-light');
  await picture(page, 'dark', hash('machine', 'console'), 'console-dark');
  await picture(page, 'light', '#/new', 'create-light');
  await browser.close();
} finally {
  await home.end();
}

async function picture(page: Page, colorScheme: 'light' | 'dark', hash: string, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  // Two frames with nothing left to load: terminals and graphs paint after their data.
  await until(() => page.evaluate(() => document.fonts.status === 'loaded'));
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `${OUT}${name}.png` });
  console.log(`assets/screenshots/${name}.png`);
}
