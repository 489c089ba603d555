/** Debian's Chromium for benches of the window. */
import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM, CHROMIUM_ARGS } from '../fixtures/chromium.ts';
import type { BenchContext } from './harness.ts';

/** Rejects where there is none. Closed at the end of the run. */
export async function openChromium(context: BenchContext): Promise<Browser> {
  if (!CHROMIUM) throw new Error('There is no Chromium on this machine.');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  context.defer('Chromium', () => browser.close());
  return browser;
}
