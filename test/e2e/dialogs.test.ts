/** Every dialog: axe finds nothing in it, light or dark, it is German where the window is, stays in the window, and Esc leaves it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeEngine, startFakeEngine } from '../fakes/engine.ts';
import { CHROMIUM, CHROMIUM_ARGS } from '../fixtures/chromium.ts';
import { byCommand, DIALOG_CALLS, DIALOGS, furnishDialogs, type Opened } from './scene/dialogs.ts';
import { ENGLISH } from './scene/english.ts';

const RENDERER = fileURLToPath(new URL('../../renderer', import.meta.url));
const WAIT_MS = 20_000;
/** Those two show whatever is asked. */
const FRAMES = ['frame/PromptDialog.svelte', 'frame/QuestionDialog.svelte'];
/** A question or a form that is asked, or a dialog of its own. */
const ASKED = /\b(?:prompting|asking)\.ask\(\{|<(?:Alert)?Dialog\.Root\b/g;

type Results = Awaited<ReturnType<AxeBuilder['analyze']>>;

/** What axe finds in the dialog in the light window, and of colours in the dark one. */
async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const options = {
      resultTypes: ['violations'],
      ...(colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : {}),
    };
    const results = await page.evaluate(
      (options) =>
        (window as unknown as { axe: { run(of: object, how: object): Promise<Results> } }).axe.run(
          { include: ['.dialog, .pop.command'] },
          options,
        ),
      options,
    );
    for (const { id, nodes } of results.violations)
      found.push(`${colorScheme}, ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }
  return found;
}

test('every dialog in the source is opened by a test', () => {
  const sources = globSync('**/*.{ts,svelte}', { cwd: RENDERER }).filter((name) => !name.includes('.test.'));
  const asked = sources.flatMap((name) => {
    const count = readFileSync(join(RENDERER, name), 'utf8').match(ASKED)?.length ?? 0;
    return count > 0 && !FRAMES.includes(name) ? [[name, count] as const] : [];
  });
  expect(Object.fromEntries(asked)).toEqual(
    Object.fromEntries(Object.entries(DIALOGS).map(([name, opened]) => [name, opened.length])),
  );
});

describe.skipIf(CHROMIUM === undefined)('dialogs', () => {
  let fake: FakeEngine;
  let browser: Browser;
  let page: Page;
  const dialog = () => page.locator('.dialog, .pop.command').last();

  beforeAll(async () => {
    const now = Date.now();
    fake = await startFakeEngine({ now, calls: DIALOG_CALLS });
    furnishDialogs(fake, now);
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: CHROMIUM_ARGS });
    const look = { reducedMotion: 'reduce', viewport: { width: 1280, height: 800 } } as const;
    page = await (await browser.newContext({ locale: 'de-DE', ...look })).newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(fake.url);
    await page.locator('[data-guest]').first().waitFor();
    // Read into the page, where it stays.
    await new AxeBuilder({ page }).setLegacyMode().include('.rail').withRules('list').analyze();
  });
  afterAll(async () => {
    await browser?.close();
    await fake?.close();
  });

  async function open(how: Opened): Promise<void> {
    if (typeof how === 'function') return void (await how(page, fake));
    if ('elsewhere' in how) return;
    return byCommand(page, ...how);
  }

  const cases = Object.entries(DIALOGS).flatMap(([file, all]) =>
    all.flatMap((how, n) => ('elsewhere' in how ? [] : [[`${file} ${n + 1}`, how] as const])),
  );
  test.each(cases)('%s', async (_name, how) => {
    await open(how);
    await dialog().waitFor();
    expect(await violations(page)).toEqual([]);
    const said = await dialog().evaluate((part) =>
      [part, ...part.querySelectorAll<HTMLElement>('*')].flatMap((element) => {
        if (element.closest('.mono, .code, [lang="en"]')) return [];
        const words = ['aria-label', 'title', 'placeholder'].map((name) => element.getAttribute(name) ?? '');
        for (const node of element.childNodes) if (node.nodeType === 3) words.push(node.textContent ?? '');
        return words;
      }),
    );
    expect(said.filter((text) => ENGLISH.test(text))).toEqual([]);
    const box = await dialog().boundingBox();
    expect(box && box.x >= 0 && box.y >= 0 && box.x + box.width <= 1280 && box.y + box.height <= 800).toBe(true);
    expect(await dialog().evaluate((part) => part.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });
});
