/** The window in another language: chosen in Settings, at once, with everything where it was; and by the system. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { goTo } from './house.ts';
import { ENGLISH } from './scene/english.ts';
import { describeWindow, seen, servedWithBusybox } from './window.ts';

/** Sections by their German names, and a word that must stand on the page. */
const SECTIONS = [
  ['Images', 'Benutzt von'],
  ['Netzwerke', 'Subnetze'],
  ['Volumes', 'Noch keine Volumes'],
  ['Hosts', 'Was hier möglich ist'],
  ['Ressourcen', 'Schwellen'],
  ['Vergleich', 'Kosten'],
  ['Aktivität', 'Was von der Engine verlangt wurde'],
  ['Einstellungen', 'Aussehen'],
] as const;

const TABS = ['Übersicht', 'Ressourcen', 'Prozesse', 'Dateien', 'Einstellungen', 'Aktivität', 'Isolation'];

/** What a person reads in the frame and on the page; names and what the engine says are left out. */
async function englishIn(page: Page): Promise<string[]> {
  const all = await page.evaluate(() => {
    const said: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('#window *')) {
      if (element.closest('.mono, .code, [lang="en"]') || element.offsetParent === null) continue;
      for (const name of ['aria-label', 'title', 'placeholder']) said.push(element.getAttribute(name) ?? '');
      for (const node of element.childNodes) if (node.nodeType === 3) said.push(node.textContent ?? '');
    }
    return said;
  });
  return all.filter((text) => ENGLISH.test(text));
}

async function isGermanAndClean(page: Page): Promise<void> {
  expect(await englishIn(page)).toEqual([]);
  // Not from a further page, which is for frames: there are none.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual(
    [],
  );
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
}

describeWindow(
  'German',
  (house) => {
    test('is chosen in Settings, at once, and nothing is lost', async () => {
      const { page } = house();
      expect(await page.getAttribute('html', 'lang')).toBe('en');
      await page
        .getByRole('button', { name: /New guest/ })
        .first()
        .click();
      await page.getByRole('textbox', { name: 'Name' }).fill('entwurf');
      await page.getByRole('link', { name: /^Settings/ }).click();
      await page.getByRole('radio', { name: 'Deutsch' }).click();
      await seen(page.getByRole('heading', { name: 'Einstellungen', level: 1 }));
      expect(await page.getAttribute('html', 'lang')).toBe('de');
      expect(await page.title()).toBe('Einstellungen: Guesthouse');
      // The keyboard is still where it was.
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Deutsch');
      await page.getByRole('button', { name: 'Neuer Gast', exact: true }).click();
      expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('entwurf');
      await page.reload();
      await seen(page.getByRole('heading', { name: 'Neuer Gast' }));
      await isGermanAndClean(page);
    });

    test('writes numbers and plurals its own way', async () => {
      const { page } = house();
      await page.getByRole('link', { name: /^Gäste/ }).click();
      await page.getByRole('row', { name: /^web / }).click();
      await seen(page.getByRole('heading', { name: /web\s*Läuft/ }));
      await page.getByRole('link', { name: /^Images/ }).click();
      await seen(page.getByText(/^1 Image, \d+(,\d)? (KiB|MiB) auf der Platte$/));
      await page.getByRole('link', { name: /^Gäste/ }).click();
      await page.getByRole('row', { name: /^web / }).click();
      await page.getByRole('tab', { name: 'Ressourcen' }).click();
      await seen(page.getByRole('img', { name: /^CPU / }));
      // A share of the host's memory has a decimal: `1,2 / 8 GiB`.
      await expect
        .poll(() => page.getByRole('group', { name: /^Host .*: CPU/ }).getAttribute('aria-label'))
        .toMatch(/Speicher \d+,\d \/ \d+/);
    });

    test.each(TABS)('a guest: %s', async (name) => {
      const { page } = house();
      await page.getByRole('link', { name: /^Gäste/ }).click();
      await page.getByRole('row', { name: /^web / }).click();
      await page.getByRole('tab', { name, exact: true }).click();
      await seen(page.getByRole('tabpanel', { name }));
      await isGermanAndClean(page);
    });

    test.each(SECTIONS)('%s', async (name, word) => {
      const { page } = house();
      await page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
      await seen(page.getByRole('heading', { name, level: 1 }));
      await seen(page.getByText(word).first());
      await isGermanAndClean(page);
    });

    test('keys are named as on a German keyboard, and commands found by German words', async () => {
      const { page } = house();
      await page.keyboard.press('?');
      await seen(page.getByRole('dialog', { name: 'Tastenkürzel' }).getByText('Strg K', { exact: true }));
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('web duplizieren');
      await seen(page.getByRole('option', { name: /Klonen: web/ }));
      await page.keyboard.press('Escape');
    });

    test('a second window of the same person follows; English comes back', async () => {
      const { page } = house();
      const second = await page.context().newPage();
      await goTo(second, house().url);
      await seen(second.getByRole('button', { name: 'Neuer Gast' }).first());
      await page.getByRole('link', { name: /^Einstellungen/ }).click();
      await page.getByRole('radio', { name: 'English' }).click();
      await seen(page.getByRole('heading', { name: 'Settings', level: 1 }));
      await seen(second.getByRole('button', { name: 'New guest' }).first());
      await second.close();
    });

    test('is what a German system gets unasked', async () => {
      const page = await house().open({ language: 'de-AT' });
      await seen(page.getByRole('button', { name: 'Neuer Gast' }).first());
      expect(await page.getAttribute('html', 'lang')).toBe('de');
      await page.context().close();
    });
  },
  {
    browserOnly: true,
    prepare: async (house) => {
      await servedWithBusybox(house);
      await house.container('web', ['sh']);
      await house.home.ok(['start', 'web']);
    },
  },
);
