/** Every dialog of the window: where it is asked from in the source, and how it is opened. */
import type { Page } from 'playwright-core';
import { PROJECT_LABEL } from '../../../engine/contract/compose.ts';
import type { Guest } from '../../../engine/contract/index.ts';
import type { FakeEngine } from '../../fakes/engine.ts';

/** Id of a command, and what is typed in the palette to find it. */
type ByCommand = readonly [id: string, query: string];
type ByHand = (page: Page, fake: FakeEngine) => Promise<unknown>;
/** `elsewhere`: the test that opens it, because it takes more than a click. */
export type Opened = ByCommand | ByHand | { readonly elsewhere: string };

const section = (page: Page, hash: string) =>
  page.evaluate((to) => {
    location.hash = to;
  }, hash);

/** The file of a guest that stands in the folder shown, with the keyboard on it. */
async function file(page: Page) {
  await section(page, '#/guests/000000000002/files');
  const row = page.getByRole('row', { name: /notes\.txt/ });
  await row.click();
  return page.getByRole('grid').last();
}

/** As a person would, whatever language it speaks. */
export async function byCommand(page: Page, id: string, query: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.locator('.pop.command input').fill(query);
  await page.locator(`.pop.command .item[data-value*=" ${id}"]:not([aria-disabled="true"])`).first().click();
  await page.locator('.pop.command').waitFor({ state: 'detached' });
}

/** By file below renderer/, as many as the file asks. */
export const DIALOGS: Readonly<Record<string, readonly Opened[]>> = {
  'compose/ComposeDialog.svelte': [['project.run', 'compose yaml']],
  'console/LogRangeMenu.svelte': [
    async (page) => {
      await section(page, '#/guests/000000000002/console');
      await page.getByRole('radio', { name: 'Log', exact: true }).click();
      await page.locator('[role="log"]').waitFor();
      await page.locator('[role="tabpanel"] button[aria-haspopup="menu"][aria-label*=":"]').first().click();
      await page.getByRole('menuitemradio').last().click();
    },
  ],
  'create/FileChooser.svelte': [
    async (page) => {
      await section(page, '#/new');
      await page.getByRole('radio', { name: 'ISO' }).click();
      await page.locator('.src button').last().click();
    },
  ],
  'create/NewGuest.svelte': [
    async (page) => {
      await section(page, '#/new');
      await page.getByRole('radio', { name: 'Festplatte', exact: true }).click();
      await page.locator('input[name="host-disk"]').check();
      await page.locator('.name input').fill('given');
      await page.keyboard.press('Control+Enter');
    },
  ],
  'drop/take.svelte.ts': [{ elsewhere: 'drop.test.ts' }],
  'files/file-commands.ts': [
    async (page) => (await file(page)).press('F2'),
    async (page) => (await file(page)).press('Delete'),
    async (page) => {
      await file(page);
      await page.getByRole('button', { name: 'Neuer Ordner' }).click();
    },
  ],
  'files/upload.ts': [
    async (page) => {
      await file(page);
      const same = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('new') };
      await page.locator('input[type="file"]').setInputFiles(same);
    },
  ],
  'frame/KeysSheet.svelte': [['window.keys', 'tastenk']],
  'frame/Palette.svelte': [(page) => page.keyboard.press('Control+k')],
  'guests/EditBar.svelte': [{ elsewhere: 'change.test.ts' }],
  'guests/FoundMachines.svelte': [['guest.find', 'libvirt']],
  'state/clone-command.ts': [['guest.clone', 'copy fedora-42']],
  'state/disk-commands.ts': [
    ['disk.add', 'fedora-42 festplatte hinzu'],
    async (page) => {
      await byCommand(page, 'disk.add', 'fedora-42 festplatte hinzu');
      const form = page.getByRole('dialog');
      await form.getByRole('textbox').first().fill('given');
      await form.getByRole('radio').nth(2).click();
      await form.getByRole('textbox').nth(1).fill('/dev/sdb');
      await form.locator('.primary').click();
    },
    ['disk.insert', 'fedora-42 einlegen'],
    ['disk.resize', 'fedora-42 data'],
    ['disk.repair', 'fedora-42 data'],
    ['disk.remove', 'fedora-42 data'],
  ],
  'state/guest-commands.ts': [
    ['guest.kill', 'media hart'],
    ['guest.remove', 'media löschen'],
    async (page) => {
      await section(page, '#/guests');
      await page.getByRole('grid').first().focus();
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Delete');
    },
  ],
  'state/guest-life-commands.ts': [
    ['guest.rename', 'media umbenennen'],
    ['guest.export', 'fedora-42 exportieren'],
    ['guest.commit', 'media image'],
    ['guest.import', 'ova'],
  ],
  'state/host-commands.ts': [
    async (page) => {
      await section(page, '#/hosts');
      await page.getByRole('listitem').filter({ hasText: 'swtpm' }).getByRole('button', { name: 'Beheben' }).click();
    },
  ],
  'state/image-commands.ts': [
    ['image.remove', 'shop:1.4 löschen'],
    ['image.tag', 'shop:1.4 namen'],
    ['image.save', 'shop:1.4 archive'],
    ['image.build-container', 'dockerfile'],
  ],
  'state/label-commands.ts': [['guest.label', 'media etikett']],
  'state/network-commands.ts': [
    ['network.new', 'netzwerk'],
    ['network.remove', 'spare'],
  ],
  'state/project-commands.ts': [['project.down', 'shop']],
  'state/prune.ts': [['images.prune', 'prune']],
  'state/rescue-commands.ts': [
    ['rescue.write', 'opened schreib'],
    ['rescue.unlock', 'opened entsperren'],
    ['rescue.password', 'mended passwort'],
    ['rescue.key', 'mended ssh'],
  ],
  'state/retry.ts': [
    async (page, fake) => {
      await section(page, '#/activity');
      fake.say({ type: 'operation', operation: FAILED });
      await page.getByRole('button', { name: 'Erneut versuchen' }).click();
    },
  ],
  'state/snapshot-commands.ts': [
    ['snapshot.take', 'fedora-42 aufnehmen'],
    ['snapshot.restore', 'fedora-42 wieder'],
    ['snapshot.branch', 'fedora-42 daraus'],
    ['snapshot.edit', 'fedora-42 zweck'],
    ['snapshot.remove', 'fedora-42 before'],
    ['snapshot.schedule', 'fedora-42 zeitplan'],
    ['guest.giveUpMemory', 'fedora-42 aufgeben'],
  ],
  'state/template-commands.ts': [
    ['guest.template', 'media vorlage'],
    ['template.remove', 'small-web'],
  ],
  'state/trash.svelte.ts': [{ elsewhere: 'lifecycle.test.ts' }, ['trash.empty', 'papierkorb']],
  'state/volume-commands.ts': [
    ['volume.new', 'volume'],
    ['volume.remove', 'scratch'],
  ],
};

/** An act that took something away, or would have. */
const FAILED = {
  ...{ id: 'fa11ed000001', verb: 'prune', targetId: null, target: 'images', state: 'failed', progress: null },
  ...{ cancellable: false, startedAt: 1, endedAt: 2, error: { code: 'internal', message: 'It failed.' } },
  ...{ retryable: true, by: null },
};

/** What the fake engine is asked beside what it knows. */
export const DIALOG_CALLS = {
  'snapshots.list': () => ({
    current: 'a1',
    sinceBytes: 4096,
    keptBytes: 0,
    schedule: null,
    memoryBytes: 2 ** 28,
    memoryProblem: null,
    leftOut: [],
    snapshots: [
      {
        ...{ id: 'a1', name: 'before-upgrade', description: 'clean', parent: null, at: 0, state: 'stopped' },
        ...{ memory: false, bytes: 2 ** 20, leftOut: [], picture: false, scheduled: false },
      },
    ],
  }),
  'disks.list': () =>
    ['root', 'data'].map((name) => ({
      ...{ name, kind: 'disk', format: 'qcow2', from: null, sizeBytes: 2 ** 33, usedBytes: 2 ** 20 },
      ...{ readOnly: false, attached: true },
    })),
  'templates.list': () => [{ name: 'small-web', createdAt: 0, spec: { disks: [] } }],
  'guests.planClone': () => ({ fullBytes: 2 ** 30, linkedBytes: 2 ** 20 }),
  'guests.find': () => ({ machines: [], notes: [] }),
  'images.prune': () => ({ removed: ['old:1'], freedBytes: 2 ** 20 }),
  'files.list': () => ({
    path: '/',
    truncated: false,
    entries: [
      { name: 'notes.txt', kind: 'file', sizeBytes: 12, mode: 0o644, uid: 0, gid: 0, modifiedAt: 0, linkTarget: null },
    ],
  }),
  'rescue.users': () => [{ name: 'lena', uid: 1000, home: '/home/lena', password: 'set' }],
};

/** Guests whose disks are opened, one that sleeps, one of a project; and an act that failed. */
export function furnishDialogs(fake: FakeEngine, now: number): void {
  const change = (name: string, more: Partial<Guest>) => {
    const guest = [...fake.guests.values()].find((one) => one.name === name);
    if (guest) fake.guests.set(guest.id, { ...guest, ...more });
  };
  const locked = {
    ...{ device: 'vda2', disk: 'root', sizeBytes: 2 ** 30, type: 'luks', label: null, uuid: null, system: null },
    ...{ opened: false, locked: true, note: null },
  };
  const rescue = (write: boolean) => ({ write, root: null, fileSystems: [locked], openedAt: now });
  change('fedora-42', { suspendedAt: now } as Partial<Guest>);
  change('pbx', { name: 'opened', state: 'stopped', rescue: rescue(false) });
  change('build-agent', { name: 'mended', state: 'stopped', rescue: rescue(true) });
  const shop = [...fake.guests.values()].find((one) => one.name === 'grafana');
  if (shop) fake.guests.set(shop.id, { ...shop, spec: { ...shop.spec, labels: { [PROJECT_LABEL]: 'shop' } } });
}
