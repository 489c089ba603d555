/** Images from a Containerfile and from a container, through the whole engine. Passes as root and as an ordinary user. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../engine/contract/operation.ts';
import { type Engine, openEngine } from '../../engine/engine.ts';
import { type Paths, resolvePaths } from '../../engine/host/paths.ts';
import { findProgram } from '../../engine/host/tools.ts';
import { until } from '../fixtures/home.ts';

let scratch: string;
let paths: Paths;
let engine: Engine;

beforeAll(async () => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'gh-build-')));
  paths = resolvePaths({ ...process.env, GUESTHOUSE_HOME: join(scratch, 'home') });
  const opened = await openEngine({ paths, background: false });
  if (!opened) throw new Error('The home is taken.');
  engine = opened;
  await engine.call('images.build', { builder: 'busybox' });
});

afterAll(async () => {
  for (const { id } of await engine.call('guests.list', {}))
    await engine.call('guests.remove', { guest: id, force: true });
  await engine.call('images.prune', {});
  await engine.close();
  rmSync(paths.run, { recursive: true, force: true });
  rmSync(scratch, { recursive: true, force: true });
});

/** What a container of this image prints. */
async function output(image: string, command?: readonly string[]): Promise<string> {
  const draft = { name: `run-${Math.random().toString(36).slice(2)}`, isolation: 'container' as const, image };
  const { id } = await engine.call('guests.create', {
    draft: { ...draft, network: 'none', ...(command ? { command } : {}) },
  });
  await engine.call('guests.start', { guest: id });
  await engine.call('guests.wait', { guest: id, states: ['stopped', 'failed'], timeoutMs: 20_000 });
  const text = await streamed('logs', { guest: id });
  await engine.call('guests.remove', { guest: id });
  return text.replaceAll('\r', '');
}

/** All of a stream that ends by itself. */
async function streamed(kind: 'logs' | 'operation', args: { guest: string } | { operation: string }): Promise<string> {
  let text = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const source = await engine.open(kind, args as never, {
    bytes: (bytes) => {
      text += Buffer.from(bytes).toString();
    },
    control() {},
    credit() {},
    end: (result) => ('error' in result ? reject(result.error) : resolve(text)),
  });
  source.grant(1 << 30);
  return promise;
}

function context(name: string, files: Record<string, string>): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

const lastOperation = async (): Promise<Operation> => (await engine.call('operations.list', {})).at(-1) as Operation;

describe.skipIf(!findProgram('buildah'))('a Containerfile', () => {
  it('becomes an image, from an image of the store, and its output is in the log', async () => {
    const folder = context('good', {
      Containerfile: [
        'ARG BASE=busybox',
        'FROM $BASE AS first',
        'ARG WHO=nobody',
        'RUN echo "made for $WHO" > /made && chown 12:34 /made && rm /bin/true && echo a-word-of-the-build',
        'FROM $BASE:latest',
        'COPY --from=first /made /made',
        'COPY file /folder/',
        'HEALTHCHECK --interval=7s CMD ["cat", "/made"]',
        'LABEL kind=test',
        'USER 12',
        'CMD ["sh", "-c", "cat /made /folder/file; stat -c %u:%g /made; id -u; ls /bin/true"]',
      ].join('\n'),
      file: 'of the context\n',
    });
    const image = await engine.call('images.buildContainer', {
      context: folder,
      name: 'made:1',
      buildArgs: { WHO: 'a test' },
    });
    expect(image).toMatchObject({ name: 'made:1', origin: 'built from Containerfile' });
    expect(image.config).toMatchObject({ user: '12', labels: { kind: 'test' }, health: { intervalMs: 7000 } });
    const operation = await lastOperation();
    expect(operation).toMatchObject({ verb: 'build-image', state: 'done', hasLog: true });
    const log = await streamed('operation', { operation: operation.id });
    expect(log).toContain('STEP');
    expect(log).toContain('a-word-of-the-build');
    expect(await output('made:1')).toBe('made for a test\nof the context\n12:34\n12\n/bin/true\n');
    // The base is shared with the store's own: nothing but what was added is the image's own.
    const busybox = await engine.call('images.list', {});
    expect(busybox.find((one) => one.name === 'busybox:latest')?.ownBytes).toBe(0);
    expect(busybox.find((one) => one.name === 'made:1')?.ownBytes).toBeLessThan(100_000);
    expect(readdirSync(join(paths.images, 'work'))).toEqual([]);
  });

  it('that fails says so with its own words, and leaves nothing', async () => {
    const failing = context('failing', { Dockerfile: 'FROM busybox\nRUN echo before; exit 7\n' });
    await expect(engine.call('images.buildContainer', { context: failing, name: 'bad' })).rejects.toMatchObject({
      code: 'guest-failed',
      cause: expect.stringMatching(/exit status 7/),
    });
    expect(await streamed('operation', { operation: (await lastOperation()).id })).toContain('before\n');
    const nonsense = context('nonsense', { Containerfile: 'FROM busybox\nFLY away\n' });
    await expect(engine.call('images.buildContainer', { context: nonsense, name: 'bad' })).rejects.toMatchObject({
      code: 'guest-failed',
      cause: expect.stringMatching(/FLY/i),
    });
    const unknown = context('unknown', { Containerfile: 'FROM no-such-image-anywhere\n' });
    await expect(engine.call('images.buildContainer', { context: unknown, name: 'bad' })).rejects.toMatchObject({
      code: 'invalid',
      subject: 'no-such-image-anywhere',
    });
    const empty = context('empty', {});
    await expect(engine.call('images.buildContainer', { context: empty, name: 'bad' })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('Containerfile'),
    });
    await expect(engine.call('images.buildContainer', { context: '/no/such', name: 'bad' })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect((await engine.call('images.list', {})).map(({ name }) => name)).not.toContain('bad:latest');
    expect(readdirSync(join(paths.images, 'work'))).toEqual([]);
  });

  it('can be cancelled, and everything it started ends', async () => {
    const marker = String(40_000 + Math.floor(Math.random() * 10_000));
    const endless = context('endless', {
      Containerfile: `FROM busybox\nRUN setsid sleep ${marker} & sleep ${marker}\n`,
    });
    const building = engine.call('images.buildContainer', { context: endless, name: 'never' });
    building.catch(() => {});
    const running = () =>
      readdirSync('/proc').filter((pid) => {
        try {
          return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`sleep\0${marker}`);
        } catch {
          return false;
        }
      });
    await until(() => running().length >= 2);
    await engine.call('operations.cancel', { operation: (await lastOperation()).id });
    await expect(building).rejects.toMatchObject({ code: 'cancelled' });
    await until(() => running().length === 0);
    expect(readdirSync(join(paths.images, 'work'))).toEqual([]);
  });
});

describe('a container', () => {
  it('becomes an image: what it added, changed and removed, and how it is started', async () => {
    const { id } = await engine.call('guests.create', {
      draft: {
        name: 'worker',
        isolation: 'container',
        image: 'busybox',
        network: 'none',
        env: { COLOUR: 'red' },
        labels: { who: 'me' },
        // What is waited for comes last, and at once.
        command: [
          'sh',
          '-c',
          'rm /bin/true; rm -r /home; mkdir /home; echo new >/made; chown 5:6 /made; mv /made /added; sleep 1000',
        ],
      },
    });
    await engine.call('guests.start', { guest: id });
    const command = ['sh', '-c', 'cat /added; stat -c %u:%g /added; ls /bin/true 2>&1; ls /home; echo $COLOUR'];
    // It may not have got there yet.
    const image = await until(async () => {
      const made = await engine.call('images.commit', { guest: id, name: 'grown:1', command, comment: 'a word' });
      return (await output('grown:1', ['ls', '/added'])) === '/added\n' ? made : null;
    });
    if (!image) throw new Error('no image');
    expect(image).toMatchObject({ name: 'grown:1', origin: 'made of the guest worker' });
    expect(image.config).toMatchObject({ labels: { who: 'me' }, env: expect.arrayContaining(['COLOUR=red']) });
    expect(await engine.call('guests.inspect', { guest: id })).toMatchObject({ state: 'running' });
    const said = await output('grown:1');
    expect(said).toMatch(/^new\n5:6\nls: \/bin\/true: No such file or directory\nred\n$/);
    const config = JSON.parse(
      readFileSync(join(paths.images, 'images', image.id.slice('sha256:'.length), 'config.json'), 'utf8'),
    );
    expect(config.history.at(-1)).toMatchObject({ comment: 'a word', created_by: 'guesthouse commit worker' });
    expect(config.rootfs.diff_ids).toHaveLength(2);

    // Running on, held or not; and of one that never ran.
    await engine.call('images.commit', { guest: id, name: 'grown:2', pause: false });
    await expect(engine.call('images.commit', { guest: id, name: 'No Name' })).rejects.toMatchObject({
      code: 'invalid',
    });
    await engine.call('guests.kill', { guest: id });
    await engine.call('guests.remove', { guest: id });
    const fresh = await engine.call('guests.create', {
      draft: { name: 'fresh', isolation: 'container', image: 'grown:1', network: 'none' },
    });
    const same = await engine.call('images.commit', { guest: fresh.id, name: 'same:1' });
    expect(same.config?.cmd).toEqual(command);
    await engine.call('guests.remove', { guest: fresh.id });
  });
});
