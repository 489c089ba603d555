/** Pages of the window are files of their own: one that cannot be fetched says so and is fetched again when asked. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { popOutHash } from '../../renderer/console/popout.ts';
import { type FakeEngine, startFakeEngine } from '../fakes/engine.ts';
import { CHROMIUM, CHROMIUM_ARGS } from '../fixtures/chromium.ts';

const WAIT_MS = 60_000;
const IMAGES = /\/Images-[^/]*\.js$/;
const POP_OUT = /\/PopOut-[^/]*\.js$/;

describe.skipIf(CHROMIUM === undefined)('parts of the window', () => {
  let fake: FakeEngine;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    fake = await startFakeEngine();
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: CHROMIUM_ARGS });
    page = await browser.newPage();
    page.setDefaultTimeout(WAIT_MS);
  });
  afterAll(async () => {
    await browser?.close();
    await fake?.close().catch(() => {});
  });

  /** A page whose browser says that a graphics card draws. */
  async function withCard(): Promise<Page> {
    const drawn = await browser.newPage();
    drawn.setDefaultTimeout(WAIT_MS);
    await drawn.addInitScript(() => {
      const { getParameter } = WebGL2RenderingContext.prototype;
      const RENDERER_NAME = 0x9246;
      WebGL2RenderingContext.prototype.getParameter = function (name: number) {
        return name === RENDERER_NAME ? 'A card' : getParameter.call(this, name);
      };
    });
    return drawn;
  }

  test('a page that cannot be fetched says so, and is there once it can be', { timeout: 3 * WAIT_MS }, async () => {
    const fetched: string[] = [];
    page.on('requestfinished', (request) => fetched.push(new URL(request.url()).pathname));
    await page.route(IMAGES, (route) => route.abort());
    await page.goto(fake.url);
    await page.locator('[data-guest]').first().waitFor();
    await page.getByRole('link', { name: 'Images' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'This part of the window could not be loaded' });
    await alert.waitFor();
    await alert.getByRole('button', { name: 'Load the window anew' }).waitFor();
    // The last of those nobody went to: from here on only who asks has a page fetched.
    await expect.poll(() => fetched.some((path) => path.includes('/Tour-')), { timeout: WAIT_MS }).toBe(true);
    await page.unroute(IMAGES);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Images', level: 1 }).waitFor();
    await alert.waitFor({ state: 'detached' });
  });

  test('so does a console in a window of its own', { timeout: 3 * WAIT_MS }, async () => {
    const alone = await browser.newPage();
    alone.setDefaultTimeout(WAIT_MS);
    await alone.route(POP_OUT, (route) => route.abort());
    await alone.goto(`${fake.url}${popOutHash({ guest: 'web-gateway', kind: 'main', session: null })}`);
    const alert = alone.getByRole('alert').filter({ hasText: 'This part of the window could not be loaded' });
    await alert.waitFor();
    await alone.unroute(POP_OUT);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert.waitFor({ state: 'detached' });
    await alone.locator('header').getByText('web-gateway').waitFor();
    await alone.close();
  });

  test('what was missed heals by itself: the window asks for everything again', { timeout: 3 * WAIT_MS }, async () => {
    await page.goto(fake.url);
    const guest = [...fake.guests.values()].find(({ name }) => name !== 'web-gateway');
    if (!guest) throw new Error('no such guest');
    const row = page.getByRole('row', { name: new RegExp(`^${guest.name} `) });
    await row.waitFor();
    // The engine knows it under another name by now; the event between was never heard.
    fake.guests.set(guest.id, { ...guest, name: 'renamed-unheard' });
    const other = [...fake.guests.values()].find(({ id }) => id !== guest.id);
    fake.say({ type: 'guest', guest: other, revision: 99_999 });
    await page.getByRole('row', { name: /^renamed-unheard / }).waitFor();
    await row.waitFor({ state: 'detached' });
  });

  test('what is set in one window is set in another of the same person', { timeout: 3 * WAIT_MS }, async () => {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const [one, two] = [await context.newPage(), await context.newPage()] as [Page, Page];
    for (const each of [one, two]) {
      each.setDefaultTimeout(WAIT_MS);
      await each.goto(`${fake.url}#/settings`);
      await each.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    }
    const look = () => two.evaluate(() => ({ ...document.documentElement.dataset }));
    const choose = (group: string, name: string) =>
      one.getByRole('radiogroup', { name: group }).getByRole('radio', { name }).click();
    await choose('Theme', 'Dark');
    await choose('Density', 'Comfortable');
    await expect.poll(look).toMatchObject({ theme: 'dark', density: 'comfortable' });
    await one.getByRole('button', { name: 'Larger type' }).click();
    await one.getByRole('textbox', { name: 'Font', exact: true }).fill('Fira Code');
    await one.keyboard.press('Tab');
    await expect.poll(() => two.getByRole('textbox', { name: 'Font', exact: true }).inputValue()).toBe('Fira Code');
    await expect.poll(() => two.locator('output').innerText()).toBe('13 px');
    await context.close();
  });

  test('a folder that is dropped is answered in a sentence', { timeout: 3 * WAIT_MS }, async () => {
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([], 'sources'));
      const entry = { isDirectory: true, name: 'sources' };
      DataTransferItem.prototype.webkitGetAsEntry = () => entry as unknown as FileSystemEntry;
      const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector('main')?.dispatchEvent(event);
    });
    await page.getByText('sources is a folder, of which a window gets no path').waitFor();
  });

  test('a terminal that is hidden gives its place on the graphics card back', { timeout: 3 * WAIT_MS }, async () => {
    const drawn = await withCard();
    const canvases = (shown: boolean) =>
      drawn.locator(`.view${shown ? ':not([hidden])' : '[hidden]'} .xterm-screen canvas`);
    const open = async (guest: string) => {
      await drawn.goto(`${fake.url}#/guests/${guest}`);
      await drawn.getByRole('button', { name: 'Console', exact: true }).click();
    };
    await open('000000000002');
    await expect.poll(() => canvases(true).count(), { timeout: WAIT_MS }).toBeGreaterThan(0);
    await open('000000000003');
    await expect.poll(() => drawn.locator('.view .xterm').count()).toBe(2);
    await expect.poll(() => canvases(true).count(), { timeout: WAIT_MS }).toBeGreaterThan(0);
    await expect.poll(() => canvases(false).count()).toBe(0);
    await drawn.getByRole('region', { name: 'Consoles' }).getByRole('tab').first().click();
    await expect.poll(() => canvases(true).count(), { timeout: WAIT_MS }).toBeGreaterThan(0);
    await expect.poll(() => canvases(false).count()).toBe(0);
    await drawn.close();
  });

  test('a terminal drawn by the graphics card goes on without it when it is lost', {
    timeout: 3 * WAIT_MS,
  }, async () => {
    const drawn = await withCard();
    await drawn.goto(`${fake.url}#/guests/000000000002`);
    await drawn.getByRole('button', { name: 'Console', exact: true }).click();
    const canvases = drawn.locator('.xterm-screen canvas');
    await expect.poll(() => canvases.count(), { timeout: WAIT_MS }).toBeGreaterThan(0);
    expect(await drawn.locator('.xterm-rows').count()).toBe(0);
    await drawn.keyboard.type('before');
    const lost = await canvases.evaluateAll((all) =>
      all.filter((canvas) => {
        const context = (canvas as HTMLCanvasElement).getContext('webgl2');
        context?.getExtension('WEBGL_lose_context')?.loseContext();
        return context?.isContextLost() ?? false;
      }),
    );
    expect(lost).toHaveLength(1);
    // It waits for the card to come back, then the page draws, with what was there and what comes.
    await drawn.locator('.xterm-rows').waitFor();
    expect(await canvases.count()).toBe(0);
    await drawn.keyboard.type('-after');
    await expect
      .poll(() => drawn.locator('.xterm-rows').innerText(), { timeout: WAIT_MS })
      .toMatch(/Linux[\s\S]*before-after/);
    await drawn.close();
  });

  test('a console in a window of its own says that the link is lost', { timeout: 3 * WAIT_MS }, async () => {
    const alone = await browser.newPage();
    alone.setDefaultTimeout(WAIT_MS);
    await alone.goto(`${fake.url}${popOutHash({ guest: 'web-gateway', kind: 'main', session: null })}`);
    await alone.locator('header').getByText('web-gateway').waitFor();
    await fake.close();
    await alone.getByRole('alert').getByText('The link to the engine is lost').waitFor();
    await alone.close();
  });
});
