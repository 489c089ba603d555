/** Debian 12 as an image, from the host's own package sources: a minute of work, the same for whoever does it. */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Undo } from '../../../engine/host/undo.ts';
import { openStoreHome, type StoreHome } from '../../fixtures/image-store.ts';

const isDebian12 = /VERSION_CODENAME=bookworm/.test(readFileSync('/etc/os-release', 'utf8'));

let scratch: string;
let home: StoreHome;

beforeAll(async () => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'gh-debian-')));
  home = await openStoreHome(join(scratch, 'home'));
});

afterAll(async () => {
  await home.end();
  rmSync(scratch, { recursive: true, force: true });
});

describe.runIf(isDebian12)('debian:12', () => {
  it('is built and runs', async () => {
    const { store, inside } = home;
    const fractions: number[] = [];
    const image = await store.build('debian:12', {
      signal: new AbortController().signal,
      undo: new Undo(),
      progress: ({ fraction }) => fractions.push(fraction ?? 0),
    });
    expect(image).toMatchObject({ name: 'debian:12', config: { cmd: ['bash'] } });
    expect(fractions.length).toBeGreaterThan(20);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    const { layers } = await store.rootfs(image.id);
    const tree = layers[0] as string;
    expect(await inside('chroot', tree, '/bin/cat', '/etc/debian_version')).toMatch(/^12\./);
    expect(await inside('chroot', tree, '/usr/bin/dpkg', '--audit')).toBe('');
    expect(await inside('stat', '-c', '%a %g', join(tree, 'etc/shadow'))).toBe('640 42');
    expect(await inside('stat', '-c', '%a', join(tree, 'usr/bin/su'))).toBe('4755');
  }, 600_000);
});
