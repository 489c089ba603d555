/** The served window in Debian's Chromium, for benches: a home's own server, one browser, one page. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM, CHROMIUM_ARGS } from '../../fixtures/chromium.ts';
import { unobserved } from '../chromium.ts';
import type { BenchContext } from '../harness.ts';
import type { BenchHome } from '../home.ts';
import { serve } from './server.ts';

/** Of every wait for the page (ms): a bench's machine may be busy. */
const WAIT_MS = 60_000;

export interface ServedWindow {
  readonly page: Page;
  readonly browser: Browser;
  readonly url: string;
}

/** null where there is no browser. The home must have no owner in this process: see `BenchHome.leave`. */
export async function openWindow(context: BenchContext, home: BenchHome): Promise<ServedWindow | null> {
  if (CHROMIUM === undefined) return null;
  const url = await serve(context, home);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  context.defer('the browser', () => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(WAIT_MS);
  await unobserved(page);
  await page.goto(url);
  return { page, browser, url };
}
