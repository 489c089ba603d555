/** What a container changed, and an image made of it. Passes as root and as an ordinary user. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootfsFolders } from '../../engine/drivers/oci/rootfs.ts';
import { walkUpper } from '../../engine/drivers/oci/upper.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { type Containers, makeContainers } from '../fixtures/containers.ts';

/** Everything overlayfs and a hostile guest can put into an upper folder. */
const CHANGES = [
  'echo new >/new; mkdir -p /deep/er; echo x >/deep/er/one; chown 12:34 /deep/er/one; chmod 4751 /deep/er/one',
  'rm /bin/cat; rm -rf /home; mkdir /home; echo y >/home/again',
  'ln -s ../../../../../../etc/shadow /leads-out; mkfifo /pipe; touch -d @1000000000 "/a\nb"; touch -- -C',
  'rm /etc/gone 2>/dev/null; mkdir "/tr cky"; ln -s /etc "/tr cky/etc"',
].join('; ');

let containers: Containers;

beforeAll(async () => {
  containers = makeContainers();
  await containers.house.ensure();
  mkdirSync(join(containers.paths.images, 'busybox', 'home', 'old'), { recursive: true });
});
afterAll(async () => {
  await containers?.end();
});

describe('the upper folder of a container', () => {
  it('is listed with whiteouts, opaque folders, owners and names as they are', async () => {
    const guest = containers.record({ command: ['sh', '-c', CHANGES] });
    await containers.up(guest);
    expect(await containers.exit(guest)).toMatchObject({ code: 0 });
    const { upper } = rootfsFolders(containers.paths, guest.id);
    const entries = await walkUpper(containers.house, upper);
    const of = (path: string) => entries.find((entry) => entry.path === path);
    expect(of('new')).toMatchObject({ kind: 'file', sizeBytes: 4, uid: 0, opaque: false });
    expect(of('deep/er/one')).toMatchObject({ kind: 'file', uid: 12, gid: 34, mode: 0o4751 });
    expect(of('bin/cat')).toMatchObject({ kind: 'whiteout' });
    expect(of('home')).toMatchObject({ kind: 'folder', opaque: true });
    expect(of('deep')).toMatchObject({ kind: 'folder' });
    expect(of('leads-out')).toMatchObject({ kind: 'link', linkTarget: '../../../../../../etc/shadow' });
    expect(of('pipe')).toMatchObject({ kind: 'pipe' });
    expect(of('a\nb')).toMatchObject({ kind: 'file', modifiedAt: 1_000_000_000_000 });
    expect(of('-C')).toMatchObject({ kind: 'file' });
    // Nothing beyond a link is looked at.
    expect(entries.filter(({ path }) => path.startsWith('tr cky'))).toHaveLength(2);
    const at = (path: string) => entries.findIndex((entry) => entry.path === path);
    expect(at('deep')).toBeLessThan(at('deep/er'));
  });

  it('may not be there', async () => {
    expect(await walkUpper(containers.house, join(guestFolder(containers.paths, '0'.repeat(12)), 'upper'))).toEqual([]);
  });
});
