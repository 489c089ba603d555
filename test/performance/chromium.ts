/** Debian's Chromium for benches of the window. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { BenchContext } from './harness.ts';

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** Rejects where there is none. Closed at the end of the run. */
export async function openChromium(context: BenchContext): Promise<Browser> {
  if (!PROGRAM) throw new Error('There is no Chromium on this machine.');
  const browser = await chromium.launch({
    executablePath: PROGRAM,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  context.defer('Chromium', () => browser.close());
  return browser;
}
