/** No action of any object is missing in the palette: the ids in the source are compared with those it offers. */

import { afterAll, expect, test, vi } from 'vitest';
import { PROJECT_LABEL } from '../../engine/contract/compose.ts';
import type { Finding, Guest, GuestDisk, SnapshotTree, StateEvent } from '../../engine/contract/index.ts';
import type { Command } from '../state/command.ts';

/** Every file of the window, as text. */
const SOURCES = (import.meta as unknown as { glob(pattern: string, how: object): Record<string, string> }).glob(
  '../**/*.{ts,svelte}',
  { query: '?raw', import: 'default', eager: true },
);
/** Not in the palette, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'guests.*': 'on several guests: of those that are selected in the list',
  'draft.*': 'of the form New guest, which is a page of its own',
  'dock.end': 'offered while the console of a further program is shown',
  'rescue.logs': 'turns the page of opened disks to their logs; the tab Files is in the palette',
  'trash.undo': 'of what this window removed last, and only then',
};

const heard = vi.hoisted(() => {
  const nothing = () => {};
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('addEventListener', nothing);
  vi.stubGlobal('location', { hash: '#/guests', pathname: '/', search: '', protocol: 'http:', href: 'http://x/' });
  vi.stubGlobal('history', { state: null, replaceState: nothing, pushState: nothing });
  vi.stubGlobal('innerHeight', 800);
  return { state: nothing as (event: StateEvent) => void };
});
afterAll(() => vi.unstubAllGlobals());
vi.mock('../bridge/index.ts', () => ({
  engine: {
    link: 'open',
    call: (name: string) =>
      name === 'images.catalogue'
        ? Promise.resolve({
            entries: [{ name: 'debian-12', title: 'Debian 12', vendor: 'debian', kind: 'disk' }],
            vendors: [],
          })
        : Promise.reject(new Error('not asked')),
    subscribe: (_topic: string, _args: object, listen: typeof heard.state) => {
      heard.state = listen;
      return () => {};
    },
  },
}));

const spec = { labels: {}, disks: [], iso: null, network: 'nat' };
const plain = {
  image: 'busybox',
  isolation: 'container',
  consoles: ['main', 'exec'],
  ports: [],
  notes: [],
  address: null,
  health: null,
  spec,
};
const guest = (more: object): Guest => ({ ...plain, ...more }) as unknown as Guest;
const used = { labels: {}, usedBy: [], aliases: [], sizeBytes: 1, ownBytes: 1 };
const box = { isolation: 'vm', state: 'stopped' } as const;
const fileSystem = { device: 'vda2', disk: 'root', locked: true };
const rescue = (write: boolean) => ({ write, root: null, fileSystems: [fileSystem], openedAt: 0 }) as never;
const tree = {
  current: 's',
  sinceBytes: 0,
  schedule: null,
  memoryBytes: null,
  memoryProblem: null,
  snapshots: [{ id: 's', name: 'before', parent: null, at: 0, description: '', memory: false }],
} as unknown as SnapshotTree;
const disk = (name: string, kind: string) =>
  ({ name, kind, attached: true, format: 'qcow2', sizeBytes: 1 }) as unknown as GuestDisk;

/** Everything the palette has for a house with one of each thing. */
async function everything(): Promise<Command[]> {
  const { house } = await import('../state/house.svelte.ts');
  const { host } = await import('../state/host.svelte.ts');
  const { trash } = await import('../state/trash.svelte.ts');
  const { templates } = await import('../state/template-commands.ts');
  const { paletteCommands } = await import('./palette-commands.ts');
  const { furtherCommands } = await import('./further-commands.ts');
  const { chosenFile } = await import('../files/chosen.svelte.ts');
  const { catalogue } = await import('../state/catalogue.svelte.ts');
  const { dock } = await import('../console/dock.svelte.ts');
  const project = { [PROJECT_LABEL]: 'shop' };
  const guests = [
    guest({ id: 'a', name: 'web', state: 'running' }),
    guest({ id: 'b', name: 'idle', state: 'stopped', spec: { ...spec, labels: project } }),
    guest({ id: 'c', name: 'still', state: 'paused' }),
    guest({ id: 'd', name: 'box', ...box, suspendedAt: 1 }),
    guest({ id: 'e', name: 'opened', ...box, rescue: rescue(false) }),
    guest({ id: 'f', name: 'mended', ...box, rescue: rescue(true) }),
    guest({ id: 'g', name: 'screen', ...box, state: 'running', consoles: ['main', 'serial', 'display', 'exec'] }),
  ];
  house.start();
  const rest = {
    images: [{ ...used, id: 'i', name: 'busybox:latest', kind: 'rootfs' }],
    operations: [],
    consoles: [],
    volumes: [{ ...used, id: 'v', name: 'data' }],
    networks: [{ ...used, id: 'n', name: 'lab', builtIn: false }],
  };
  heard.state({ type: 'snapshot', revision: 1, guests, ...rest } as unknown as StateEvent);
  trash.now = { keepDays: 1, guests: [{ id: 't', name: 'old', removedAt: 0, keptUntil: 1 } as never] };
  templates.set('t', { name: 't', spec } as never);
  host.findings = [
    { id: 'x', title: 'x', level: 'problem', found: '', mend: { command: 'x', possible: true } } as Finding,
  ];
  chosenFile.now = { place: { folder: {} } as never, file: { name: 'notes', kind: 'file' } as never };
  await catalogue.load();
  await dock.open('a', 'main', true);
  const found = paletteCommands('a').flatMap(({ commands }) => commands);
  dock.split();
  const split = paletteCommands('a').flatMap(({ commands }) => commands);
  const details = { tree, disks: [disk('root', 'disk'), disk('data', 'disk'), disk('cd', 'cd')] };
  return [...found, ...split, ...guests.flatMap((one) => furtherCommands(one, details))];
}

const isElsewhere = (id: string) => id in ELSEWHERE || `${id.split('.')[0]}.*` in ELSEWHERE;

/** Ids of commands as they stand in the source; what is filled in is `*`. */
function declared(): string[] {
  const files = Object.entries(SOURCES).filter(([name]) => !name.includes('.test.'));
  const ids = files.flatMap(([name, text]) => {
    if (!/\bcommand\(/.test(text)) return [];
    const prefix = name.endsWith('dock-commands.ts') ? 'dock.' : '';
    const all = [...text.matchAll(/\bid: (['`])([^'`]+)\1/g), ...text.matchAll(/\bact\(\s*(['`])([^'`]+)\1/g)];
    return all.map(([, , id = '']) => (id.startsWith('dock.') ? '' : prefix) + id.replaceAll(/\$\{[^}]*\}/g, '*'));
  });
  return [...new Set(ids)].filter((id) => id.includes('.'));
}

test('every action that is declared anywhere is offered', async () => {
  const offered = new Set((await everything()).map(({ id }) => id));
  const isOffered = (pattern: string) => {
    const shape = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.+')}$`);
    return [...offered].some((id) => shape.test(id));
  };
  const missing = declared().filter((id) => !isElsewhere(id) && !isOffered(id));
  expect(missing).toEqual([]);
  expect(declared().length).toBeGreaterThan(50);
});

test('each says in words what it is about, so that two of a kind are told apart', async () => {
  const all = await everything();
  for (const { id, title } of all) if (/^(guest|snapshot|disk|rescue)\./.test(id)) expect(title).toMatch(/\w/);
  const ofBox = all.filter(({ id, title }) => /^(snapshot|disk)\./.test(id) && title.endsWith('box'));
  expect(ofBox.map(({ title }) => title)).toContain('Restore: before, box');
  const titles = all.map(({ title }) => title);
  for (const title of ['Download notes', 'Rename notes', 'Delete notes', 'New guest from Debian 12: fetch it'])
    expect(titles).toContain(title);
});

test('the sheet of shortcuts has the keys of every command, and none that nothing answers', async () => {
  const { m } = await import('../messages.ts');
  const { rows, consoleRows } = m.frame.keys;
  const { reservedKey } = await import('../console/keys.ts');
  const spread = (keys: string) => {
    const [, held = '', first, last] = /^(\w+ )(\d) to (\d)$/.exec(keys) ?? [];
    if (first === undefined) return [keys];
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => `${held}${Number(first) + i}`);
  };
  const told = rows.flatMap(([keys]) => keys.split(', ').flatMap(spread));
  const sources = Object.values(SOURCES).filter((text) => /\bcommand\(/.test(text));
  // Also of what is offered only now and then, as undoing.
  const written = sources.flatMap((text) => [...text.matchAll(/\bkeys: '([^']+)'/g)].map(([, keys = '']) => keys));
  const used = new Set([...(await everything()).map(({ keys }) => keys), ...written].filter(Boolean));
  expect([...used].filter((keys) => !told.includes(keys))).toEqual([]);
  expect(used.size).toBeGreaterThan(15);
  /** Not of commands: of the list, of the form New guest, and of the window itself. */
  const others = ['/ or typing', 'Up', 'Down', 'Ctrl A', 'Space', 'Enter', 'Esc', 'F6', 'Shift F6', 'Ctrl Enter'];
  expect(told.filter((keys) => !used.has(keys) && !others.includes(keys) && !/^(Alt|Ctrl) \d$/.test(keys))).toEqual([]);
  // What a console leaves to the window, but for its panes, which stand above, and the dock.
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) =>
    reservedKey({ key: letter, code: `Key${letter}`, ctrlKey: true, shiftKey: true, altKey: false, metaKey: false }),
  );
  const consoles = consoleRows.flat().join('\n');
  expect(letters.filter((letter) => !consoles.includes(`Ctrl Shift ${letter}`))).toEqual([]);
});
