/** Images out of the store and in again, under other names, and gone. Passes as root and as an ordinary user. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../engine/host/process.ts';
import { findProgram } from '../../engine/host/tools.ts';
import { operation } from '../fixtures/containers.ts';
import { layerTar, sha256, writeDockerArchive } from '../fixtures/image-archives.ts';
import { openStoreHome, type StoreHome } from '../fixtures/image-store.ts';

let scratch: string;
let here: StoreHome;
let there: StoreHome;

const file = (name: string) => join(scratch, name);
const listing = async ({ house, store }: StoreHome, name: string) => {
  const { layers } = await store.rootfs(store.get(name).id);
  const listed = await Promise.all(
    layers.map((layer) =>
      run([
        ...house.enter({ network: false }),
        ...['find', layer, '-mindepth', '1', '-printf', '%P %y %m %U:%G %s %TY %l\\n'],
      ]),
    ),
  );
  return listed.map(({ stdout }) => stdout.trim().split('\n').sort());
};

beforeAll(async () => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'gh-save-')));
  here = await openStoreHome(join(scratch, 'here'));
  there = await openStoreHome(join(scratch, 'there'));
  const base = await layerTar([
    { name: 'etc/', type: 'directory', mode: 0o755 },
    { name: 'etc/passwd', content: 'root:x:0:0::/:/bin/sh\n', mode: 0o600, uid: 12, gid: 34 },
    { name: 'etc/gone', content: 'soon' },
    { name: 'var/', type: 'directory', mode: 0o1777 },
    { name: 'var/old', content: 'old' },
    { name: 'tool', content: 'x'.repeat(5000), mode: 0o4755 },
    { name: 'also-tool', type: 'link', linkname: 'tool' },
    { name: 'out', type: 'symlink', linkname: '../../../etc/shadow' },
  ]);
  const top = await layerTar([
    { name: 'etc/', type: 'directory', mode: 0o755 },
    { name: 'etc/.wh.gone', content: '' },
    { name: 'var/', type: 'directory', mode: 0o1777 },
    { name: 'var/.wh..wh..opq', content: '' },
    { name: 'var/new', content: 'new' },
  ]);
  await writeDockerArchive(file('one.tar'), [base], { name: 'one:1' });
  await writeDockerArchive(file('two.tar'), [base, top], {
    name: 'two:1',
    config: { Cmd: ['tool'], Labels: { kept: 'yes' }, ExposedPorts: { '53/udp': {} } },
  });
  for (const name of ['one', 'two']) await here.store.import(file(`${name}.tar`), undefined, operation());
});

afterAll(async () => {
  for (const home of [here, there]) await home.end();
  rmSync(scratch, { recursive: true, force: true });
});

describe('a saved image', () => {
  it.each(['docker', 'oci'] as const)('is the same again (%s), and the archive is too', async (format) => {
    const target = file(`saved-${format}.tar`);
    const { sizeBytes } = await here.store.save(['two:1'], target, format, operation());
    expect(statSync(target).size).toBe(sizeBytes);
    await here.store.save(['two:1'], file('again.tar'), format, operation());
    expect(sha256(readFileSync(file('again.tar')))).toBe(sha256(readFileSync(target)));
    const image = await there.store.import(target, undefined, operation());
    expect(image).toMatchObject({ name: 'two:1', config: { cmd: ['tool'], labels: { kept: 'yes' } } });
    expect(await listing(there, 'two:1')).toEqual(await listing(here, 'two:1'));
    expect(readdirSync(scratch).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await there.store.remove(image.id);
  });

  it('shares its layers with the others in one archive, and each is found by its name', async () => {
    const both = file('both.tar');
    const { sizeBytes } = await here.store.save(['one:1', 'two:1'], both, 'docker', operation());
    const alone = await here.store.save(['two:1'], file('alone.tar'), 'docker', operation());
    expect(sizeBytes - alone.sizeBytes).toBeLessThan(8192);
    await expect(there.store.import(both, undefined, operation())).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('one:1, two:1'),
    });
    const one = await there.store.import(both, 'one:1', operation());
    const two = await there.store.import(both, 'two:1', operation());
    expect(await listing(there, 'one:1')).toEqual(await listing(here, 'one:1'));
    // Both have the lower layer, so neither has it to itself.
    expect(there.store.get('one:1').ownBytes).toBe(0);
    expect(there.store.get('two:1').ownBytes).toBe(two.sizeBytes - one.sizeBytes);
    await there.store.remove(two.id);
    expect(there.store.get('one:1').ownBytes).toBe(one.sizeBytes);
    await there.store.remove(one.id);
  });

  it.skipIf(!findProgram('skopeo'))('is read by others', async () => {
    for (const [format, transport] of [
      ['docker', 'docker-archive'],
      ['oci', 'oci-archive'],
    ] as const) {
      await here.store.save(['two:1'], file('others.tar'), format, operation());
      const options = ['--override-os', 'linux', '--tmpdir', scratch];
      const shown = execFileSync('skopeo', [...options, 'inspect', '--config', `${transport}:${file('others.tar')}`]);
      expect(JSON.parse(shown.toString())).toMatchObject({ config: { Cmd: ['tool'], ExposedPorts: { '53/udp': {} } } });
      mkdirSync(file('copy'));
      const from = `${transport}:${file('others.tar')}`;
      execFileSync('skopeo', [...options, '--insecure-policy', 'copy', '-q', from, `dir:${file('copy')}`]);
      rmSync(file('copy'), { recursive: true });
    }
  });

  it('takes no place it should not, and leaves nothing half-made', async () => {
    writeFileSync(file('kept'), 'kept');
    const refused = async (refs: readonly string[], path: string) =>
      here.store.save(refs, path, 'docker', operation()).catch((error) => error);
    expect(await refused(['one:1'], 'relative.tar')).toMatchObject({ code: 'invalid' });
    expect(await refused(['one:1'], scratch)).toMatchObject({ code: 'invalid', subject: scratch });
    expect(await refused(['one:1'], file('no/such/folder.tar'))).toMatchObject({ code: 'not-found' });
    expect(await refused(['nobody:1'], file('kept'))).toMatchObject({ code: 'not-found' });
    const abort = new AbortController();
    abort.abort();
    await expect(
      here.store.save(['one:1'], file('kept'), 'docker', { ...operation(), signal: abort.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(readFileSync(file('kept'), 'utf8')).toBe('kept');
    expect(readdirSync(scratch).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('a further name', () => {
  it('moves to the image that takes it', async () => {
    const tagged = await here.store.tag('one:1', 'shared');
    expect(tagged).toMatchObject({ name: 'shared:latest', aliases: ['one:1'] });
    await here.store.tag('two:1', 'shared:latest');
    expect(here.store.get('shared').id).toBe(here.store.get('two:1').id);
    expect(here.store.get('one:1').aliases).toEqual([]);
    await here.store.remove('shared');
    await expect(here.store.tag('one:1', 'No Name')).rejects.toMatchObject({ code: 'invalid' });
    await expect(here.store.tag('nobody', 'x')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a prune', () => {
  it('takes what no guest uses and what cut pulls left, and says what it frees', async () => {
    await writeDockerArchive(file('big.tar'), [await layerTar([{ name: 'big', content: 'y'.repeat(3_000_000) }])], {
      name: 'big:1',
    });
    await here.store.import(file('big.tar'), undefined, operation());
    const partial = join(here.paths.images, 'partials', 'a'.repeat(64));
    writeFileSync(partial, Buffer.alloc(1_000_000, 1));
    here.store.setUsers(new Map([one('one:1'), one('two:1')]));
    expect((await here.store.prune(true, 'left')).removed).toEqual(['what is left of a pull that was cut']);
    expect((await here.store.prune(true, 'nameless')).removed).toEqual(['what is left of a pull that was cut']);
    const wish = await here.store.prune(true);
    expect(wish.removed).toEqual(['big:1', 'what is left of a pull that was cut']);
    expect(wish.freedBytes).toBeGreaterThan(4_000_000);
    expect(wish.freedBytes).toBeLessThan(4_200_000);
    expect(existsSync(partial)).toBe(true);
    expect(await here.store.prune(false)).toEqual(wish);
    expect(existsSync(partial)).toBe(false);
    expect(here.store.list().map(({ name }) => name)).toEqual(['one:1', 'two:1']);
    expect(await here.store.prune(false)).toEqual({ removed: [], freedBytes: 0 });
    here.store.setUsers(new Map());
  });

  const one = (name: string): [string, string[]] => [here.store.get(name).id, ['a guest']];
});
