import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lookAtFolder } from './look-at-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'look-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});
const put = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), '');
};

test('an empty folder has nothing', async () =>
  expect(await lookAtFolder(folder)).toMatchObject({
    containerfile: null,
    machines: [],
    compose: null,
    vagrantfile: false,
  }));

test('files count, folders of the same name do not', async () => {
  put('Dockerfile', 'debian.box', 'old.OVA', 'web.guest.tar', 'notes.txt', 'Vagrantfile', 'docker-compose.yml');
  mkdirSync(join(folder, 'Containerfile'));
  mkdirSync(join(folder, 'x.box'));
  expect(await lookAtFolder(folder)).toMatchObject({
    path: folder,
    containerfile: 'Dockerfile',
    machines: ['debian.box', 'old.OVA', 'web.guest.tar'],
    vagrantfile: true,
    compose: 'docker-compose.yml',
  });
});

test('without buildah it says why nothing is built', async () => {
  put('Containerfile');
  vi.stubEnv('PATH', folder);
  const { whyNoBuild } = await lookAtFolder(folder);
  // The sbin folders are looked through whatever the PATH says.
  expect(whyNoBuild).toMatchObject({ code: 'missing-tool', subject: 'buildah' });
});

test('what is no folder is one error', async () => {
  put('file');
  for (const path of [join(folder, 'none'), join(folder, 'file')])
    await expect(lookAtFolder(path)).rejects.toMatchObject({ code: 'not-found' });
});
