import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GuestSpec } from '../contract/guest.ts';
import { withDefaults } from './defaults.ts';
import { createTemplates } from './templates.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-templates-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const said: string[] = [];
const log = { warn: (line: string) => said.push(line) } as never;
const open = () => createTemplates(join(home, 'templates'), log);
const spec = (more: Partial<GuestSpec> = {}): GuestSpec => ({
  ...withDefaults({ name: 'web', isolation: 'container', image: 'busybox' }, 'rootfs'),
  ...more,
});
const rule = { hostIp: '127.0.0.1', hostPort: 8080, guestPort: 80, protocol: 'tcp' as const };

describe('templates', () => {
  it('are none at first', async () => expect(await open().list()).toEqual([]));

  it('hold a guest’s spec without what is one guest’s own', async () => {
    const login = { user: 'me', passwordHash: '$6$x' } as never;
    const disk = { name: 'data', from: '/dev/sdz', format: 'raw' } as never;
    const own = { name: 'more', from: null, format: 'qcow2' } as never;
    await open().save('small', spec({ ports: [rule], firstLogin: login, disks: [disk, own] }), false);
    const [template] = await open().list();
    expect(template).toMatchObject({ name: 'small', spec: { image: 'busybox', ports: [{ ...rule, hostPort: 0 }] } });
    expect(template?.spec.disks).toEqual([own]);
    expect(JSON.stringify(template)).not.toMatch(/passwordHash|"web"/);
    expect(statSync(join(home, 'templates/small.json')).mode & 0o077).toBe(0);
  });

  it('are replaced only when that is asked for', async () => {
    await open().save('small', spec(), false);
    await expect(open().save('small', spec({ cpus: 2 }), false)).rejects.toMatchObject({ code: 'conflict' });
    expect((await open().list())[0]?.spec.cpus).toBe(1);
    await open().save('small', spec({ cpus: 2 }), true);
    expect((await open().list())[0]?.spec.cpus).toBe(2);
  });

  it.each(['', '../up', 'a/b', '.hidden', 'a,b\n', 'x'.repeat(64)])('have no name like %j', async (name) => {
    await expect(open().save(name, spec(), false)).rejects.toMatchObject({ code: 'invalid' });
    await expect(open().remove(name)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('go, once', async () => {
    await open().save('small', spec(), false);
    await open().remove('small');
    await expect(open().remove('small')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('that cannot be read are left alone', async () => {
    await open().save('good', spec(), false);
    writeFileSync(join(home, 'templates/bad.json'), '{');
    writeFileSync(join(home, 'templates/later.json'), JSON.stringify({ version: 9, spec: spec() }));
    writeFileSync(join(home, 'templates/empty.json'), '{"version":1}');
    expect((await open().list()).map(({ name }) => name)).toEqual(['good']);
    expect(said).toHaveLength(3);
    expect(statSync(join(home, 'templates/bad.json')).size).toBe(1);
  });

  it('of an older version have what came since', async () => {
    await open().save('old', spec(), false);
    const { tty: _tty, ...older } = spec();
    writeFileSync(join(home, 'templates/old.json'), JSON.stringify({ version: 1, createdAt: 1, spec: older }));
    expect((await open().list())[0]?.spec.tty).toBe(true);
  });
});
