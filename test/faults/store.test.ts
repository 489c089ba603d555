/**
 * What is kept must be kept: records nobody can read, a full disk, an engine killed at the worst moment, another
 * environment. Each fault is a real one: a file damaged, a small disk filled, `kill -9`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SampleFrame } from '../../engine/contract/metrics.ts';
import { createLog } from '../../engine/host/log.ts';
import { type Paths, resolvePaths } from '../../engine/host/paths.ts';
import { bootId, processRef } from '../../engine/host/process-ref.ts';
import { createImageStore } from '../../engine/images/create.ts';
import { type Engine, openEngine } from '../../engine/index.ts';
import { openHistory } from '../../engine/metrics/history.ts';
import { createHouse } from '../../engine/networks/create.ts';
import { processesIn, withDescendants } from '../../engine/networks/processes.ts';
import { startFakeRegistry } from '../fakes/registry.ts';
import { makeHome, type TestHome, until } from '../fixtures/home.ts';
import { layerTar } from '../fixtures/image-archives.ts';

const asRoot = process.getuid?.() === 0;
const source = (path: string) => new URL(`../../engine/${path}`, import.meta.url).href;

let home: TestHome;
const pathsOf = (one: TestHome): Paths => resolvePaths({ ...one.env });
/** What the next engine sees, as a command that has it for a moment. */
async function engineSees<T>(look: (engine: Engine) => Promise<T>): Promise<T> {
  // Whoever was killed may not be quite gone.
  const engine = (await until(() => openEngine({ paths: pathsOf(home), background: false }))) as Engine;
  return look(engine).finally(() => engine.close());
}
const images = () => engineSees((engine) => engine.call('images.list', {}));
const guests = () => engineSees((engine) => engine.call('guests.list', {}));
/** What the doctor says about one matter. */
const found = async (engine: Engine, id: string) =>
  (await engine.call('host.doctor', {})).filter((finding) => finding.id === id);
const findings = (id: string) => engineSees((engine) => found(engine, id));
const stateOf = async (name: string) => (await guests()).find((guest) => guest.name === name)?.state;
const layers = () => readdirSync(join(home.path, 'images', 'layers'));
const container = (name: string, ...more: string[]) =>
  home.ok(['create', name, '--image', 'busybox', '--isolation', 'container', '--memory', '64', ...more]);

/** Runs module text in a process of its own, in the environment of the home; to be killed. */
function runModule(text: string, env: Record<string, string> = {}) {
  const argv = ['--input-type=module', '-e', text];
  return spawn(process.execPath, argv, { env: { ...home.env, ...env }, stdio: 'ignore' });
}

/** Processes that hold a house of this home, without those that are about to be gone. */
function holders(): number[] {
  const { dev, ino } = statSync(home.path);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
        const command = readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
        return command === 'sleep' && environment.includes(`GUESTHOUSE_HOUSE=${dev}:${ino}`);
      } catch {
        return false;
      }
    })
    .filter((pid) => processRef(pid) !== null);
}

describe('an image whose record cannot be read', () => {
  let record: string;
  let whole: string;
  let diskRecord: string;
  beforeAll(async () => {
    home = makeHome();
    await home.ok(['image', 'build', 'busybox']);
    const disk = join(home.path, 'empty.raw');
    const bytes = Buffer.alloc(1024 * 1024);
    bytes.writeUInt16BE(0x55aa, 510); // a boot sector, which makes it a disk
    writeFileSync(disk, bytes);
    await home.ok(['image', 'import', disk, '--name', 'empty']);
    const made = await images();
    const recordOf = (of: string) => {
      const image = made.find(({ kind }) => kind === of)?.id as string;
      return join(home.path, 'images', 'images', image.slice(7), 'image.json');
    };
    record = recordOf('rootfs');
    diskRecord = recordOf('disk');
    whole = readFileSync(record, 'utf8');
  });
  afterAll(() => home.end());

  it.each([
    ['damaged', (text: string) => text.slice(0, 40), /damaged/],
    ['of a newer version', (text: string) => text.replace('"version": 1', '"version": 2'), /newer/],
    ['of something else', (text: string) => text.replace('"layers"', '"leyars"'), /not about it/],
    ['empty', () => '', /damaged/],
  ])('keeps its layers and says so when it is %s', async (_, damage, reason) => {
    const before = layers();
    writeFileSync(record, damage(whole));
    await engineSees(async (engine) => {
      expect((await engine.call('images.list', {})).map(({ name }) => name)).toEqual(['empty:latest']);
      expect(layers()).toEqual(before);
      expect((await found(engine, 'image'))[0]?.found).toMatch(reason);
    });
    writeFileSync(record, whole);
    await engineSees(async (engine) => {
      expect(await found(engine, 'image')).toEqual([]);
      expect(await engine.call('images.list', {})).toHaveLength(2);
    });
  });

  it('keeps the file of a disk', async () => {
    const files = () => readdirSync(join(home.path, 'images', 'files'));
    const before = files();
    expect(before).toHaveLength(1);
    const good = readFileSync(diskRecord);
    writeFileSync(diskRecord, '{');
    await images();
    expect(files()).toEqual(before);
    writeFileSync(diskRecord, good);
  });

  it('is whole again when the image is made again', async () => {
    writeFileSync(record, 'nothing');
    await home.ok(['image', 'build', 'busybox']);
    expect(await findings('image')).toEqual([]);
    await container('again', '--', 'true');
    await home.ok(['start', 'again']);
    await home.ok(['rm', '-f', '--now', 'again']);
  });

  it('gives out no image that is being removed', async () => {
    const paths = pathsOf(home);
    const log = createLog(paths.log);
    const store = createImageStore({ paths, log, house: createHouse({ paths, log }) });
    await store.load();
    const removing = store.remove('empty');
    expect(() => store.get('empty')).toThrow(expect.objectContaining({ code: 'not-found' }));
    await removing;
  });
});

describe('an engine killed at the worst moment', () => {
  beforeEach(() => {
    home = makeHome();
  });
  afterEach(() => home.end());

  it('while it makes an image: nothing is left, and the next one succeeds', async () => {
    const work = join(home.path, 'images', 'work');
    const building = home.spawn(['image', 'build', 'busybox']);
    await until(() => existsSync(work) && readdirSync(work).length > 0);
    building.kill('SIGKILL');
    expect(await images()).toEqual([]);
    expect(readdirSync(work)).toEqual([]);
    expect(layers()).toEqual([]);
    await home.ok(['image', 'build', 'busybox']);
  });

  it('while it pulls: no image is there, and the next pull goes on from what came', async () => {
    const registry = await startFakeRegistry();
    try {
      const image = registry.putImage('big', [await layerTar([{ name: 'noise', content: randomBytes(1024 * 1024) }])]);
      const [hex = ''] = image.layers;
      const whole = registry.blobs.get(hex) as Buffer;
      registry.trick = (request, response) => {
        if (!request.url?.endsWith(hex)) return false;
        response.writeHead(200, { 'content-length': whole.length }).write(whole.subarray(0, 300_000));
        let sent = 300_000;
        const trickle = setInterval(() => response.write(whole.subarray(sent, ++sent)), 50);
        response.once('close', () => clearInterval(trickle));
        return true;
      };
      const partial = join(home.path, 'images', 'partials', hex);
      const pulling = home.spawn(['pull', `${registry.host}/images:big`]);
      const died = new Promise((resolve) => pulling.once('close', resolve));
      await until(() => existsSync(partial) && statSync(partial).size >= 300_000);
      pulling.kill('SIGKILL');
      await died;
      const { size } = statSync(partial);
      expect(size).toBeLessThan(whole.length);
      expect(await images()).toEqual([]);
      expect(layers()).toEqual([]);
      registry.trick = null;
      registry.seen.length = 0;
      await home.ok(['pull', `${registry.host}/images:big`]);
      expect(registry.asked(hex)).toMatchObject([{ range: `bytes=${size}-` }]);
      expect(existsSync(partial)).toBe(false);
      expect(await images()).toHaveLength(1);
    } finally {
      await registry.end();
    }
  });

  it('while it writes the first record of a guest: the guest was never there', async () => {
    const folder = join(home.path, 'guests', '0123456789ab');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const writer = runModule(`import { writeAtomic } from ${JSON.stringify(source('host/files.ts'))};
      await writeAtomic(${JSON.stringify(join(folder, 'guest.json'))}, Buffer.alloc(512 * 1024 * 1024));`);
    const died = new Promise((resolve) => writer.once('close', resolve));
    await until(() => readdirSync(folder).length > 0);
    writer.kill('SIGKILL');
    await died;
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.guest\.json\..*\.tmp$/)]);
    expect(await guests()).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    expect(await findings('guest')).toEqual([]);
  });

  /** `mount` is the last step before the record is written; one that does not return keeps the engine right there. */
  const killedWhileStarting = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gh-path-'));
    writeFileSync(join(folder, 'mount'), '#!/bin/sh\nexec sleep 60\n');
    chmodSync(join(folder, 'mount'), 0o755);
    const { run } = pathsOf(home);
    const engine = runModule(
      `import { createHouse } from ${JSON.stringify(source('networks/create.ts'))};
      import { createLog } from ${JSON.stringify(source('host/log.ts'))};
      import { resolvePaths } from ${JSON.stringify(source('host/paths.ts'))};
      const paths = resolvePaths();
      await createHouse({ paths, log: createLog(paths.log) }).ensure();`,
      { PATH: `${folder}:${home.env.PATH}` },
    );
    const died = new Promise((resolve) => engine.once('close', resolve));
    await until(() => existsSync(join(run, 'house.net')) && holders().length > 0);
    engine.kill('SIGKILL');
    await died;
    rmSync(folder, { recursive: true });
    expect(existsSync(join(run, 'house.json'))).toBe(false);
    expect(holders()).toHaveLength(1);
  };

  it('while it starts the house: a command without guests ends what it left', async () => {
    await killedWhileStarting();
    await home.ok(['ls']);
    await until(() => holders().length === 0, 3_000);
  });

  it('while it starts the house: the next house stands alone', async () => {
    await killedWhileStarting();
    const [stray] = holders();
    const paths = pathsOf(home);
    const house = createHouse({ paths, log: createLog(paths.log) });
    await house.ensure();
    expect(holders()).toEqual([house.pid]);
    expect(house.pid).not.toBe(stray);
    await house.demolish();
    expect(holders()).toEqual([]);
  });
});

describe('a guest that runs', () => {
  let runtime: string;
  beforeAll(async () => {
    home = makeHome();
    runtime = mkdtempSync(join(tmpdir(), 'x-'));
    await home.ok(['image', 'build', 'busybox']);
    await container('steady', '--', 'sleep', '1000');
  });
  afterAll(async () => {
    await home.end();
    rmSync(runtime, { recursive: true, force: true });
  });

  it('is met again from another environment, in which nobody is logged in', async () => {
    await home.gh(['ls'], { env: { XDG_RUNTIME_DIR: runtime } });
    const link = join(home.path, `run-folder.${bootId()}`);
    // The link of this test was made before; a boot later the first command decides.
    rmSync(readlinkSync(link), { recursive: true, force: true });
    rmSync(link);
    const started = await home.gh(['start', 'steady'], { env: { XDG_RUNTIME_DIR: runtime } });
    expect(started).toMatchObject({ code: 0, stderr: '' });
    if (!asRoot) expect(readlinkSync(link)).toMatch(new RegExp(`^${runtime}/`));
    for (const env of [{ XDG_RUNTIME_DIR: '' }, { XDG_RUNTIME_DIR: '/run/user/0' }, { XDG_RUNTIME_DIR: runtime }]) {
      const { stdout } = await home.gh(['ls', '--json'], { env });
      expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ name: 'steady', state: 'running' })]);
    }
    // It is running as far as anybody can tell, so there is nothing to start: no second one.
    expect((await home.gh(['start', 'steady'])).code).toBe(0);
    expect(JSON.parse((await home.gh(['ls', '--json'])).stdout)).toHaveLength(1);
  });

  it('keeps its house when the record of it is lost or damaged', async () => {
    const before = holders();
    const record = join(pathsOf(home).run, 'house.json');
    for (const spoil of [() => rmSync(record), () => writeFileSync(record, '{"pid":')]) {
      spoil();
      expect(await stateOf('steady')).toBe('running');
      expect(await home.ok(['exec', 'steady', '--', 'echo', 'here'])).toBe('here\n');
      expect(holders()).toEqual(before);
    }
  });

  it('is never there twice, though everything that led to it is gone', async () => {
    const [before] = holders();
    const { run } = pathsOf(home);
    const house = readlinkSync(`/proc/${before}/ns/mnt`);
    const old = withDescendants(processesIn(house));
    const commands = old.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    expect(commands.filter((command) => command === 'sleep\x001000\0')).toHaveLength(1);
    rmSync(run, { recursive: true, force: true });
    await home.ok(['start', 'steady']);
    expect(await stateOf('steady')).toBe('running');
    expect(await home.ok(['exec', 'steady', '--', 'echo', 'here'])).toBe('here\n');
    expect(holders()).toHaveLength(1);
    expect(old.filter((pid) => processRef(pid) !== null)).toEqual([]);
  });
});

describe.runIf(asRoot)('on a full disk', () => {
  const filler = () => join(home.path, 'filler');
  const fill = () => {
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${filler()}`, 'bs=4k'], { stdio: 'ignore' });
    } catch {
      // that is the point
    }
  };
  beforeAll(async () => {
    home = makeHome();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m,mode=0700', 'tmpfs', home.path]);
    await home.ok(['image', 'build', 'busybox']);
    for (const name of ['one', 'two', 'three']) {
      await container(name, '--', 'sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done');
      await home.ok(['start', name]);
    }
    fill();
  });
  afterAll(async () => {
    rmSync(filler(), { force: true });
    await home.end().catch(() => {});
    execFileSync('umount', [home.path]);
    rmSync(home.path, { recursive: true, force: true });
  });

  it('everything can be seen', async () => {
    expect(JSON.parse(await home.ok(['ls', '--json']))).toHaveLength(3);
    expect((await findings('disk'))[0]?.found).toMatch(/free/);
  });

  it('guests can be stopped, killed and removed', async () => {
    expect(await home.gh(['stop', 'one'])).toMatchObject({ code: 0 });
    expect(await home.gh(['kill', 'two'])).toMatchObject({ code: 0 });
    expect(await stateOf('one')).not.toBe('running');
    expect(await stateOf('two')).not.toBe('running');
    expect(await home.gh(['rm', '-f', 'three'])).toMatchObject({ code: 0 });
    expect(await stateOf('three')).toBeUndefined();
  });

  it('a new guest is refused with the reason and leaves nothing', async () => {
    fill();
    const folders = () => readdirSync(join(home.path, 'guests'));
    const before = folders();
    for (const isolation of ['container', 'vm']) {
      // Nothing is known yet of what this host can do, and there is no room to keep what is learnt.
      for (const known of ['container-runtime.json', 'kvm.json'])
        rmSync(join(home.path, 'cache', known), { force: true });
      fill();
      const { code, stderr } = await home.gh(['create', 'four', '--image', 'busybox', '--isolation', isolation]);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/^error \[resources\]: .*(no space|disk.*full)/i);
      expect(folders()).toEqual(before);
    }
  });

  it('graphs are not kept and nothing else suffers', () => {
    const folder = join(home.path, 'cache');
    const log = createLog(join(folder, 'test.log'));
    const history = openHistory({ path: join(folder, 'test.db'), log });
    log.error('not a word of this fits', { text: 'x'.repeat(100_000) });
    const samples = [{ id: 'host', memoryLimitBytes: null, cpuPercent: 1 }] as unknown as SampleFrame['samples'];
    for (let at = 0; at < 60_000; at += 1_000) history.record({ at: Date.now() + at, samples } as SampleFrame);
    expect(history.query({ id: 'host', rangeSeconds: 60, points: 10 }).id).toBe('host');
    history.close();
  });

  it('all goes on once there is room', async () => {
    rmSync(filler());
    await home.ok(['start', 'one']);
    expect(await stateOf('one')).toBe('running');
    await home.ok(['rm', '-f', '--now', 'one', 'two']);
  });
});
