/** The CLI as people script it, on real containers: every verb, every listing, every piece of bad input. */

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { totalmem, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Guest } from '../../../engine/contract/guest.ts';
import { CLI, makeHome, type TestHome, until } from '../../fixtures/home.ts';

let home: TestHome;
beforeAll(async () => {
  home = makeHome();
  await home.ok(['image', 'build', 'busybox']);
});
afterAll(() => home.end());

const list = async (): Promise<Guest[]> => JSON.parse(await home.ok(['ls', '--json']));
const state = async (name: string) => (await list()).find((guest) => guest.name === name)?.state;
const create = (name: string, ...rest: string[]) =>
  home.ok(['create', name, '--image', 'busybox', '--isolation', 'container', ...rest]);

describe('a container, with nobody but the command', () => {
  test('goes on when every guesthouse process has ended, and keeps its console', async () => {
    await create('survivor', '--', 'sh', '-c', 'echo before; read word; echo got $word; sleep 600');
    await home.ok(['start', 'survivor']);
    expect(await state('survivor')).toBe('running');
    const inside = home.spawn(['console', 'survivor']);
    inside.stdin.write('cat\n');
    await until(async () => (await home.ok(['logs', 'survivor'])).includes('got cat'));
    inside.kill('SIGTERM');
    expect(await state('survivor')).toBe('running');
    await home.ok(['rm', '-f', '--now', 'survivor']);
  });

  test('does not mind other commands at the same time: whichever owns the engine serves the others to their end', async () => {
    const names = ['pa', 'pb', 'pc', 'pd'];
    await Promise.all(names.map((name) => create(name, '--', 'sleep', '600')));
    await Promise.all(names.map((name) => home.ok(['start', name])));
    const said = await Promise.all(
      names.map((name, i) => home.ok(['exec', name, '--', 'sh', '-c', `sleep 0.${i + 1}; echo ${name}`])),
    );
    expect(said).toEqual(names.map((name) => `${name}\n`));
    await Promise.all(names.map((name) => home.ok(['rm', '-f', '--now', name])));
    expect(await list()).toEqual([]);
  });

  test('says its exit code', async () => {
    await create('three', '--', 'sh', '-c', 'exit 3');
    await home.ok(['start', 'three']);
    await until(async () => (await state('three')) === 'stopped');
    expect(JSON.parse(await home.ok(['inspect', 'three'])).exit).toMatchObject({ code: 3, outOfMemory: false });
    await home.ok(['rm', '--now', 'three']);
  });
});

test('what was asked, by whom, is known to the next command, and can be tried again', async () => {
  await create('broken', '--', 'no-such-program');
  expect((await home.gh(['start', 'broken'])).code).not.toBe(0);
  const acts = async () => JSON.parse(await home.ok(['activity', '--json', 'broken']));
  const asker = { by: 'cli', user: userInfo().username };
  expect(await acts()).toMatchObject([
    { verb: 'create', state: 'done', asker },
    { verb: 'start', state: 'failed', asker, retryable: true },
  ]);
  const failed = (await acts())[1].id;
  expect(await home.ok(['activity', 'broken'])).toMatch(new RegExp(`${failed}.*cli .*start broken.*failed: `));
  const again = await home.gh(['activity', 'retry', failed]);
  expect(again.code).not.toBe(0);
  expect((await acts()).map(({ verb }: { verb: string }) => verb)).toEqual(['create', 'start', 'start']);
  expect((await home.gh(['activity', 'retry', (await acts())[0].id])).stderr).toContain('did not fail');
  expect((await home.gh(['activity', 'log', 'nobody'])).stderr).toContain('no such operation');
  await home.ok(['rm', '--now', 'broken']);
});

test('a server whose launcher is killed ends too', async () => {
  const server = spawn(process.execPath, [CLI, 'serve', '--json'], {
    env: { ...home.env, GUESTHOUSE_LAUNCHER: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  await new Promise((resolve) => server.stdout?.once('data', resolve));
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.disconnect();
  expect(await ended).toBe(0);
});

describe('tools that are missing', () => {
  test('none of the tools: the one that is missing is named', async () => {
    const empty = join(home.path, 'no-tools');
    mkdirSync(empty, { recursive: true });
    const bare = makeHome();
    const result = await bare.gh(['image', 'build', 'busybox'], { env: { PATH: empty } });
    await bare.end();
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^(.*\n)*error \[missing-tool\]: The program \w+ is not installed\.\n {2}hint: /);
  });

  test('no runtime, no conmon: said so, with the package', async () => {
    const empty = join(home.path, 'empty-path');
    mkdirSync(empty, { recursive: true });
    const findings = await home.gh(['doctor', '--json'], { env: { PATH: empty } });
    expect(findings.code).toBe(1);
    const problems = JSON.parse(findings.stdout).filter((finding: { level: string }) => finding.level === 'problem');
    expect(problems.map((finding: { id: string }) => finding.id)).toEqual(
      expect.arrayContaining(['runtime', 'conmon', 'qemu']),
    );
    for (const problem of problems) expect(problem.fix).toBeTruthy();
  });
});

describe('a container, from the command line', () => {
  // From here on somebody else owns the engine, as a window does.
  beforeAll(async () => {
    await home.serve();
  });

  test('is created, started, listed, looked into, and removed', async () => {
    const id = (
      await create('web', '--memory', '64', '-e', 'GREETING=hello', '--', 'sh', '-c', 'echo $GREETING; sleep 600')
    ).trim();
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(await list()).toEqual([
      {
        id,
        name: 'web',
        isolation: 'container',
        state: 'stopped',
        health: null,
        image: 'busybox:latest',
        address: expect.stringMatching(/^10\.99\./),
        ports: [],
        labels: {},
      },
    ]);
    await home.ok(['start', 'web']);
    expect(await state('web')).toBe('running');
    expect(await until(() => home.ok(['logs', 'web']))).toBe('hello\r\n');
    expect(JSON.parse(await home.ok(['inspect', 'web']))).toMatchObject({
      id,
      spec: { memoryMib: 64 },
      state: 'running',
    });

    expect(await home.gh(['exec', 'web', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      code: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await home.ok(['exec', 'web', '--', 'cat'], { input: 'a\nb' })).toBe('a\nb');
    expect((await home.gh(['exec', 'web', '--', 'no-such-program'])).code).toBe(127);
    expect(await home.ok(['exec', 'web', '--', 'hostname'])).toBe('web\n');

    const [stats] = JSON.parse(await home.ok(['stats', '--json', 'web']));
    expect(stats).toMatchObject({ name: 'web', memoryBytes: expect.any(Number), cpuPercent: expect.any(Number) });

    expect(await home.ok(['start', 'web'])).toBe('web\n');
    await home.ok(['stop', '--time', '1', 'web']);
    expect(await state('web')).toBe('stopped');
    // Already as asked is no failure; an end that was asked for and cannot come is one.
    expect(await home.ok(['stop', 'web'])).toBe('web\n');
    expect((await home.gh(['kill', 'web'])).code).toBe(1);
    await home.ok(['rm', '--now', 'web']);
    expect(await list()).toEqual([]);
  });

  test('comes back from the trash, under another name when that is wanted, or goes for good', async () => {
    const id = (await create('web', '--', 'true')).trim();
    expect(await home.ok(['rm', 'web'])).toBe('web\n');
    expect(await home.ok(['trash', 'ls', '-q'])).toBe('web\n');
    expect(await home.gh(['image', 'rm', 'busybox'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/trash/),
    });
    expect(await home.gh(['rmi', '-f', 'busybox', 'nowhere'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.not.stringContaining('nowhere'),
    });
    expect(await home.ok(['trash', 'restore', '--name', 'back', id])).toBe('back\n');
    expect((await list()).map(({ name, state }) => `${name} ${state}`)).toEqual(['back stopped']);
    await home.ok(['rm', 'back']);
    expect((await home.gh(['trash', 'empty'])).code).toBe(2);
    expect(await home.ok(['trash', 'empty', '-f'])).toBe('back\n');
    expect((await home.gh(['trash', 'restore', id])).stderr).toMatch(/not-found.*in the trash/);
    expect(await list()).toEqual([]);
  });

  test('has a terminal also where ours has no size', async () => {
    await create('sizeless', '--', 'sleep', '600');
    await home.ok(['start', 'sizeless']);
    const { status } = spawnSync(
      'script',
      ['-qec', `${process.execPath} ${CLI} exec -t sizeless -- sh -c "exit 7"`, '/dev/null'],
      {
        env: home.env,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 30_000,
      },
    );
    expect(status).toBe(7);
    await home.ok(['rm', '-f', '--now', 'sizeless']);
  });

  test('publishes a port on 127.0.0.1', async () => {
    await create(
      'http',
      '-p',
      '0:8080',
      '--',
      'sh',
      '-c',
      'while true; do printf "HTTP/1.0 200 OK\\r\\n\\r\\nhi" | nc -l -p 8080; done',
    );
    await home.ok(['start', 'http']);
    const port = (await list())[0]?.ports[0]?.hostPort;
    // Nothing well known is there, also where the engine may take port 8080 or 80.
    expect(port).toBeGreaterThanOrEqual(49_152);
    expect(await home.ok(['port', 'http'])).toBe(`8080/tcp -> 127.0.0.1:${port}\n`);
    expect(await home.ok(['ps', '-a'])).toBe(await home.ok(['ls']));
    const answer = await until(() =>
      fetch(`http://127.0.0.1:${port}/`).then(
        (response) => response.text(),
        () => null,
      ),
    );
    expect(answer).toBe('hi');
    await home.ok(['rm', '-f', '--now', 'http']);
  });

  test('sees a folder of the host, read-only when asked', async () => {
    const folder = join(home.path, 'shared folder');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, 'file'), 'from the host');
    await create('folders', '-v', `${folder}:/rw`, '-v', `${folder}:/ro:ro`, '--', 'sleep', '600');
    await home.ok(['start', 'folders']);
    expect(await home.ok(['exec', 'folders', '--', 'cat', '/ro/file'])).toBe('from the host');
    expect((await home.gh(['exec', 'folders', '--', 'touch', '/ro/x'])).code).toBe(1);
    expect((await home.gh(['exec', 'folders', '--', 'touch', '/rw/x'])).code).toBe(0);
    await home.ok(['rm', '-f', '--now', 'folders']);
  });
});

describe('a machine, from the command line', () => {
  test.each([
    [2, 1],
    // Twice: the second start finds the disk that the first one made.
    [9, 2],
  ])('has a file system of the size asked for: %i GiB', async (gib, starts) => {
    const script = 'df -m / | tail -1';
    await home.ok([
      'create',
      'sized',
      '--image',
      'busybox',
      '--isolation',
      'vm',
      '--memory',
      '128',
      '--disk',
      String(gib),
      '--network',
      'none',
      '--',
      'sh',
      '-c',
      script,
    ]);
    for (let start = 0; start < starts; start++) {
      await home.ok(['start', 'sized']);
      await home.ok(['wait', 'sized']);
      const mib = Number((await home.ok(['logs', '--tail', '1', 'sized'])).trim().split(/\s+/)[1]);
      expect(mib).toBeGreaterThan(gib * 1024 * 0.9);
      expect(mib).toBeLessThanOrEqual(gib * 1024);
    }
    await home.ok(['rm', '--now', 'sized']);
  });
});

describe('bad input is answered with one clear error, and nothing is left', () => {
  let before: Guest[];
  beforeAll(async () => {
    before = await list();
  });
  const refused = async (args: string[], code: string, words: RegExp) => {
    const result = await home.gh(args);
    expect(result.stderr).toMatch(new RegExp(`^error \\[${code}\\]: `));
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(result.code).not.toBe(0);
    expect(result.stdout).toBe('');
    expect(await list()).toEqual(before);
  };
  const container = ['--image', 'busybox', '--isolation', 'container'];

  test('an unknown image', () =>
    refused(['create', 'x', '--image', 'nope', '--isolation', 'container'], 'not-found', /nope.*\n.*hint/s));

  test.each(['a/b', '../x', '..', 'a,b', 'a\nb', 'x'.repeat(300), '', '-e', 'a b'])('the name %j', (name) =>
    refused(
      name.startsWith('-') ? ['create', ...container, '--', name] : ['create', name, ...container],
      'invalid',
      /name/,
    ),
  );

  test("more memory than the host's", () =>
    refused(
      ['create', 'x', ...container, '--memory', String(Math.ceil(totalmem() / 2 ** 20) + 1)],
      'resources',
      /more than this host has/,
    ));

  test('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      await refused(
        ['create', 'x', ...container, '-p', `${port}:80`],
        'conflict',
        new RegExp(`Port ${port} is in use`),
      );
    } finally {
      server.close();
    }
  });

  test('a port that became taken between creation and start', async () => {
    await create('late', '-p', '0:80', '--', 'sleep', '600');
    const port = (await list())[0]?.ports[0]?.hostPort;
    const server = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const result = await home.gh(['start', 'late']);
    server.close();
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(new RegExp(`^error \\[conflict\\]: .*${port}`));
    expect(await state('late')).toBe('failed');
    await home.ok(['start', 'late']);
    await home.ok(['rm', '-f', '--now', 'late']);
  });

  test('a command the image does not have', async () => {
    await create('missing', '--', '/no/such/program');
    const result = await home.gh(['start', 'missing']);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^error \[[a-z-]+\]: .*\/no\/such\/program/);
    await home.ok(['rm', '-f', '--now', 'missing']);
  });

  test('a text file as an ISO', async () => {
    const path = join(home.path, 'text.iso');
    writeFileSync(path, 'text\n'.repeat(600_000));
    await refused(['create', 'x', '--isolation', 'vm', '--iso', path], 'bad-data', /is not an ISO medium/);
  });

  test('a folder that is not there', () =>
    refused(['create', 'x', ...container, '-v', '/no/such/folder:/x'], 'not-found', /no\/such\/folder/));

  test.each([
    ['a text file as a disk', 'just text\n'.repeat(1000)],
    ['an empty file', ''],
  ])('%s', async (_what, content) => {
    const path = join(home.path, 'not-a-disk.qcow2');
    writeFileSync(path, content);
    await refused(['image', 'import', path], 'bad-data', /not/);
  });

  test.each([
    [['create', 'x', '--image', 'busybox']],
    [['create', 'x', '--image', 'busybox', '--isolation', 'jail']],
    [['create', 'x', ...container, '-p', 'eighty']],
    [['create', 'x', ...container, '--memory', 'lots']],
    [['create', 'x', ...container, '--no-such-option']],
    [['image', 'build', 'windows']],
    [['dance']],
    [['start']],
  ])('%j is not understood', (args) => refused(args, 'invalid', /hint/));

  test.each([
    [['start', 'ghost']],
    [['inspect', 'ghost']],
    [['rm', 'ghost']],
    [['logs', 'ghost']],
    [['image', 'rm', 'ghost']],
  ])('%j: not there', (args) => refused(args, 'not-found', /ghost/));
});
