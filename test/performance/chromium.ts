/** Debian's Chromium for benches of the window. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM, CHROMIUM_ARGS } from '../fixtures/chromium.ts';
import type { BenchContext } from './harness.ts';

/** Rejects where there is none. Closed at the end of the run. */
export async function openChromium(context: BenchContext): Promise<Browser> {
  if (!CHROMIUM) throw new Error('There is no Chromium on this machine.');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  context.defer('Chromium', () => browser.close());
  return browser;
}

/** What of Playwright's own inside is reached into below; its version is exact in `package.json`. */
interface Inside {
  readonly _connection: {
    toImpl(page: Page): {
      readonly delegate: {
        readonly _mainFrameSession: { readonly _client: { send(method: string): Promise<unknown> } };
      };
    };
  };
}

/**
 * From now on Playwright is not told of the page's network. Otherwise each message of a WebSocket is copied as base64
 * through the page's process, the browser's and this one, which for a flooded console is more work than all the rest and
 * which no person's browser does. There is no public way to say so. To be called before or after `goto`; `response` and
 * the like are no longer heard of.
 */
export async function unobserved(page: Page): Promise<void> {
  const { _connection } = page as unknown as Inside;
  await _connection.toImpl(page).delegate._mainFrameSession._client.send('Network.disable');
}

/**
 * `window[name](text)` in the page is heard here. Playwright's own ways of waiting put a third of a megabyte of script into
 * the page first and ask again and again, all on the thread that is measured; this costs it one call.
 */
export async function hear(page: Page, name: string): Promise<{ next(timeoutMs: number): Promise<string> }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Runtime.enable');
  await cdp.send('Runtime.addBinding', { name });
  return {
    next: (timeoutMs) =>
      new Promise((resolve, reject) => {
        const done = () => {
          clearTimeout(timer);
          cdp.off('Runtime.bindingCalled', heard);
        };
        const heard = (event: { name: string; payload: string }) => {
          if (event.name !== name) return;
          done();
          resolve(event.payload);
        };
        const timer = setTimeout(() => {
          done();
          reject(new Error(`The page did not call ${name} within ${timeoutMs} ms.`));
        }, timeoutMs);
        cdp.on('Runtime.bindingCalled', heard);
      }),
  };
}
