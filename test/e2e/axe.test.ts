/** Every screen and dialog, light and dark, under axe: no violation of any weight. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { goTo } from './house.ts';
import { describeWindow, seen, withBusybox } from './window.ts';

/** Each leads from the list of guests to what is looked at. */
const SCREENS: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
  ['guests', async (page) => seen(page.getByRole('row', { name: /^web / }))],
  ['guest: overview', (page) => openTab(page, 'web', 'Overview')],
  ['guest: resources', (page) => openTab(page, 'web', 'Resources')],
  ['guest: settings', (page) => openTab(page, 'web', 'Settings')],
  ['guest: processes', (page) => openTab(page, 'web', 'Processes')],
  [
    'guest: files',
    async (page) => {
      await openTab(page, 'web', 'Files');
      await seen(page.getByRole('grid', { name: 'Files in /' }));
    },
  ],
  [
    'guest: edit',
    async (page) => {
      await openTab(page, 'web', 'Settings');
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await page.getByRole('button', { name: 'Add variable' }).click();
      await page.getByRole('button', { name: 'Add folder', exact: true }).click();
      await page.getByRole('radio', { name: 'A command' }).click();
      await seen(page.getByRole('button', { name: 'Apply', exact: true }));
    },
  ],
  ['guest: activity', (page) => openTab(page, 'web', 'Activity')],
  ['guest: isolation', (page) => openTab(page, 'web', 'Isolation')],
  ['guest: isolation of a machine', (page) => openTab(page, 'box', 'Isolation')],
  ['guest: failed', (page) => openTab(page, 'broken', 'Overview')],
  [
    'guest: console and dock',
    async (page) => {
      await openTab(page, 'web', 'Console');
      await page.getByRole('button', { name: 'Console', exact: true }).click();
      await seen(page.getByRole('region', { name: 'Consoles' }).getByRole('group', { name: 'web, main' }));
    },
  ],
  [
    'guest: log',
    async (page) => {
      await openTab(page, 'web', 'Console');
      await page.getByRole('radio', { name: 'Log' }).click();
      await seen(page.getByRole('log'));
    },
  ],
  [
    'guest: display',
    async (page) => {
      await openTab(page, 'box', 'Console');
      await page.getByRole('radio', { name: 'Display' }).click();
      await seen(page.getByRole('application').locator('canvas'));
    },
  ],
  [
    'several selected',
    async (page) => {
      await page.getByRole('grid').focus();
      await page.keyboard.press('Control+a');
      await seen(page.getByRole('toolbar', { name: /selected/ }));
    },
  ],
  [
    'context menu',
    async (page) => {
      await page.getByRole('row', { name: /^web / }).click({ button: 'right' });
      await seen(page.getByRole('menu'));
    },
  ],
  [
    'New guest',
    async (page) => {
      await page.getByRole('button', { name: 'New guest' }).first().click();
      await page.getByRole('textbox', { name: 'Name' }).fill('a/b');
      await page.getByRole('button', { name: /folders, environment/ }).click();
      await page.getByRole('button', { name: 'Add port' }).click();
      await seen(page.getByRole('complementary', { name: 'Summary' }));
    },
  ],
  ...(['Images', 'Networks', 'Volumes', 'Hosts', 'Resources', 'Compare', 'Activity', 'Settings'] as const).map(
    (name) =>
      [
        name.toLowerCase(),
        async (page: Page) => {
          await section(page, name);
          await seen(page.getByRole('heading', { name, level: 1 }));
        },
      ] as const,
  ),
  [
    'images: pull',
    async (page) => {
      await section(page, 'Images');
      await page.getByRole('button', { name: 'Pull', exact: true }).click();
      await page.getByRole('button', { name: 'Options' }).click();
      await seen(page.getByRole('checkbox', { name: /any certificate/ }));
    },
  ],
  [
    'images: build',
    async (page) => {
      await section(page, 'Images');
      await page.getByRole('button', { name: 'Build', exact: true }).click();
      await page.getByRole('menuitem', { name: /Containerfile/ }).click();
      await seen(page.getByRole('dialog'));
    },
  ],
  [
    'networks: new',
    async (page) => {
      await section(page, 'Networks');
      await page.getByRole('button', { name: 'New network' }).click();
      await seen(page.getByRole('dialog'));
    },
  ],
  [
    'activity: events',
    async (page) => {
      await section(page, 'Activity');
      await page.getByRole('radio', { name: 'Events' }).click();
      await seen(page.getByRole('list', { name: 'Events' }));
    },
  ],
  [
    'design',
    async (page) => {
      await section(page, 'Settings');
      await page.getByRole('link', { name: 'Design' }).click();
      await seen(page.getByRole('heading', { name: 'Colours' }));
    },
  ],
  [
    'tour',
    async (page) => {
      await section(page, 'Settings');
      await page.getByRole('button', { name: 'Show me around' }).click();
      await seen(page.getByRole('dialog', { name: 'A guest of your own' }));
    },
  ],
  [
    'trash',
    async (page) => {
      await section(page, 'Hosts');
      await seen(page.getByRole('region', { name: 'Trash' }).getByRole('button', { name: 'Put back' }));
    },
  ],
  [
    'palette',
    async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Commands' }).fill('we');
    },
  ],
  [
    'shortcuts',
    async (page) => {
      await page.keyboard.press('?');
      await seen(page.getByRole('dialog', { name: 'Keyboard shortcuts' }));
    },
  ],
  [
    'question',
    async (page) => {
      await page.getByRole('row', { name: /^web / }).click();
      await page.keyboard.press('Delete');
      await seen(page.getByRole('alertdialog'));
    },
  ],
  [
    'file chooser',
    async (page) => {
      await page.getByRole('button', { name: 'New guest' }).first().click();
      await page.getByRole('radio', { name: 'ISO' }).click();
      await page.getByRole('button', { name: 'Choose…' }).click();
      await seen(page.getByRole('dialog'));
    },
  ],
];

const section = (page: Page, name: string) => page.getByRole('link', { name: new RegExp(`^${name}`) }).click();

async function openTab(page: Page, guest: string, tab: string): Promise<void> {
  await page.getByRole('row', { name: new RegExp(`^${guest} `) }).click();
  await page.getByRole('tab', { name: tab, exact: true }).click();
  await seen(page.getByRole('tabpanel', { name: tab }));
}

type Results = Awaited<ReturnType<AxeBuilder['analyze']>>;

/**
 * What axe finds in the light window, and what the dark one and high contrast add, which is nothing but colours. Reading axe into a page
 * takes longer than its work there: it is done once, and not into a further page for frames, of which there are none.
 */
async function violations(page: Page): Promise<string[]> {
  const resultTypes = ['violations' as const];
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await new AxeBuilder({ page }).setLegacyMode().options({ resultTypes }).analyze();
  await page.emulateMedia({ colorScheme: 'dark' });
  const colours = () =>
    page.evaluate(
      (options) =>
        (window as unknown as { axe: { run(of: Document, how: object): Promise<Results> } }).axe.run(document, options),
      { resultTypes, runOnly: ['color-contrast'] },
    );
  const dark = await colours();
  // As the system asks for it; the setting does the same.
  await page.emulateMedia({ colorScheme: 'light', contrast: 'more' });
  await page.locator(':root[data-contrast="more"]').waitFor();
  const contrast = await colours();
  await page.emulateMedia({ contrast: null });
  return [...inWords('light', light), ...inWords('dark', dark), ...inWords('high contrast', contrast)];
}

function inWords(theme: string, { violations: found }: Results): string[] {
  return found.flatMap(({ id, impact, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${theme}, ${impact} ${id}: ${target.join(' ')}\n${failureSummary ?? ''}`,
    ),
  );
}

describeWindow(
  'axe',
  (house) => {
    test('nothing yet', async () => {
      const { page, home } = house();
      await seen(page.getByRole('heading', { name: 'Make your first guest' }));
      expect(await violations(page)).toEqual([]);
      await withBusybox(house());
      await house().container('web', ['sh']);
      await house().container('broken', ['/no/such/program']);
      await home.ok(['create', 'box', '--image', 'busybox', '--isolation', 'vm', '--memory', '128']);
      await home.ok(['start', 'web', 'box']);
      await home.gh(['start', 'broken']);
      await house().container('old', ['sh']);
      await home.ok(['rm', 'old']);
    });

    test.each(SCREENS)('%s', async (_name, open) => {
      const { page, url } = house();
      // From the list, with nothing kept of what the screen before it left open.
      await page.evaluate(() => localStorage.clear());
      await goTo(page, url);
      await open(page);
      expect(await violations(page)).toEqual([]);
    });
  },
  { browserOnly: true },
);
