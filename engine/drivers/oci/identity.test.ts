import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findIdentity, firstExisting, resolveIdentity } from './identity.ts';

const passwd = 'root:x:0:0:root:/root:/bin/sh\nweb:x:33:34:Web:/srv:/bin/false\nodd:x:-1:0::/:\n1000:x:7:7::/n:\n';
const group = 'root:x:0:\nwww:x:34:\nmail:x:8:web,x\nlog:x:9:web\n';

describe('a user', () => {
  it.each([
    ['', { uid: 0, gid: 0, groups: [], home: '/root' }],
    ['root', { uid: 0, gid: 0, groups: [], home: '/root' }],
    ['web', { uid: 33, gid: 34, groups: [8, 9], home: '/srv' }],
    ['33', { uid: 33, gid: 34, groups: [8, 9], home: '/srv' }],
    ['web:mail', { uid: 33, gid: 8, groups: [], home: '/srv' }],
    ['web:77', { uid: 33, gid: 77, groups: [], home: '/srv' }],
    ['4242', { uid: 4242, gid: 0, groups: [], home: '/' }],
    ['4242:www', { uid: 4242, gid: 34, groups: [], home: '/' }],
  ])('%j', (wish, expected) => {
    expect(findIdentity(wish, passwd, group)).toEqual(expected);
  });

  it.each(['nobody', 'odd', '-1', '99999999999', 'web:none', ' root', '0x0'])('%j is none', (wish) => {
    expect(() => findIdentity(wish, passwd, group)).toThrow(/has no (user|group)/);
  });
});

describe('files of the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-identity-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are never read outside of it', () => {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(folder, 'outside'), 'evil:x:0:0::/:\n');
    symlinkSync('../../outside', join(root, 'etc', 'passwd'));
    expect(() => resolveIdentity(root, 'evil')).toThrow(/has no user/);
    symlinkSync(join(folder, 'outside'), join(root, 'etc', 'group'));
    expect(() => resolveIdentity(root, '0:evil')).toThrow(/has no group/);
  });

  it('are found through links inside of it', () => {
    const root = join(folder, 'linked');
    mkdirSync(join(root, 'usr', 'bin'), { recursive: true });
    symlinkSync('/usr/bin', join(root, 'bin'));
    writeFileSync(join(root, 'usr', 'bin', 'sh'), '');
    expect(firstExisting(root, ['/bin/bash', '/bin/sh'])).toBe('/bin/sh');
    expect(firstExisting(root, ['/usr'])).toBeNull();
  });
});
