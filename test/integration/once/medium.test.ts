/** Installation media as xorriso makes them: what a machine is told of them, and gets. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../../engine/host/process.ts';
import { findProgram } from '../../../engine/host/tools.ts';
import { type EngineHome, makeEngineHome } from '../../fixtures/engine.ts';

interface Made {
  readonly label: string;
  readonly options?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

const MEDIA: Readonly<Record<string, Made>> = {
  debian: {
    label: 'Debian 12.5.0 amd64 n',
    files: { '.disk/info': 'Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 NETINST 20240210-11:27' },
  },
  fedora: {
    label: 'Fedora-S-dvd-x86_64-39',
    files: { '.treeinfo': '[general]\narch = x86_64\nfamily = Fedora\nname = Fedora 39\n' },
  },
  arch: { label: 'ARCH_202402', files: { 'arch/x86_64/airootfs.sfs': '' } },
  openbsd: { label: 'OpenBSD/amd64   7.4 Install CD', options: ['-sysid', 'OpenBSD'] },
  windows: { label: 'ESD_ISO', options: ['-publisher', 'MICROSOFT CORPORATION'], files: { 'sources/install.esd': '' } },
  other: { label: 'SOMETHING', files: { 'a-name-that-is-longer-than-thirty-characters-in-all/file': 'x' } },
};

let home: EngineHome;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gh-media-'));
  home = await makeEngineHome();
});
afterAll(async () => {
  await home?.end();
  rmSync(folder, { recursive: true, force: true });
});

async function make(name: string, { label, options = [], files = {} }: Made): Promise<string> {
  const tree = join(folder, name);
  mkdirSync(tree);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const iso = join(folder, `${name}.iso`);
  await run(['xorriso', '-as', 'mkisofs', '-quiet', '-r', '-J', '-V', label, ...options, '-o', iso, tree]);
  return iso;
}

it('each is known by what it says, and gets what it needs', async (context) => {
  if (findProgram('xorriso') === null) context.skip('no medium can be made here: package xorriso');
  for (const [name, made] of Object.entries(MEDIA)) {
    const iso = await make(name, made);
    const draft = { name: 'box', isolation: 'vm', iso } as const;
    const { medium, spec, problems } = await home.call('guests.check', { draft });
    expect(problems).toEqual([]);
    expect(medium, name).toMatchObject({ distribution: name });
    expect(spec).toMatchObject({ diskGib: medium?.diskGib });
    expect(spec?.memoryMib).toBeLessThanOrEqual(medium?.memoryMib ?? 0);
    // What is asked for counts.
    const asked = await home.call('guests.check', { draft: { ...draft, memoryMib: 300, diskGib: 3 } });
    expect(asked.spec).toMatchObject({ memoryMib: 300, diskGib: 3 });
  }
  const { medium } = await home.call('guests.check', {
    draft: { name: 'box', isolation: 'vm', iso: join(folder, 'debian.iso') },
  });
  expect(medium).toMatchObject({ name: 'Debian GNU/Linux 12.5.0 "Bookworm"', architecture: 'x86_64', family: 'linux' });
});

it('one that was cut off is refused before anything is made', async (context) => {
  if (findProgram('xorriso') === null) context.skip('no medium can be made here: package xorriso');
  const iso = await make('cut', { label: 'Debian 12.5.0 amd64 n', files: { big: 'x'.repeat(1_000_000) } });
  truncateSync(iso, 500_000);
  const draft = { name: 'box', isolation: 'vm', iso } as const;
  const { problems } = await home.call('guests.check', { draft });
  expect(problems).toEqual([
    { field: 'iso', error: expect.objectContaining({ message: `${iso} is a truncated ISO.`, code: 'bad-data' }) },
  ]);
  await expect(home.call('guests.create', { draft })).rejects.toMatchObject({ code: 'bad-data' });
  expect(await home.call('guests.list', {})).toEqual([]);
  const refused = { code: 'bad-data', message: `${iso} is a truncated ISO.` };
  await expect(home.call('images.import', { path: iso })).rejects.toMatchObject(refused);
  expect((await home.call('images.list', {})).filter(({ kind }) => kind === 'iso')).toEqual([]);
});
