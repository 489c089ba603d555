/** `run` and what reaches into a guest, as people who come from Docker write it, on real containers. */
import { spawn, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Guest } from '../../engine/contract/guest.ts';
import { CLI, makeHome, type TestHome, until } from '../fixtures/home.ts';

let home: TestHome;
beforeAll(async () => {
  home = makeHome();
  await home.ok(['image', 'build', 'busybox']);
});
afterAll(() => home.end());

const guests = async (): Promise<Guest[]> => JSON.parse(await home.ok(['ls', '--json']));
const inspect = async (name: string): Promise<Guest> => JSON.parse(await home.ok(['inspect', name]));
const run = (...words: string[]) => home.gh(['run', ...words]);

describe('run', () => {
  test('shows both outputs apart, exits as the program does, and takes a disposable guest away', async () => {
    expect(await run('--rm', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 7')).toEqual({
      code: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await guests()).toEqual([]);
  });

  test('beside an owner too, a disposable guest is gone with its command', async () => {
    const { process: server } = await home.serve();
    try {
      for (const round of ['1', '2', '3']) {
        const words = ['--rm', '--name', 'again', 'busybox', 'echo', round];
        expect(await run(...words)).toMatchObject({ code: 0, stdout: `${round}\n` });
      }
      // What is set where the command is typed counts, not what the owner knows.
      const pulled = await home.gh(['pull', 'team/web'], { env: { GUESTHOUSE_REGISTRY: '127.0.0.1:1' } });
      expect(pulled.stderr).toContain('Nothing answers at 127.0.0.1:1');
    } finally {
      const ended = new Promise((resolve) => server.once('close', resolve));
      server.kill('SIGTERM');
      await ended;
    }
  });

  test('takes standard input with -i, and gives none without', async () => {
    const piped = await home.gh(['run', '--rm', '-i', 'busybox', 'sh', '-c', 'wc -c'], { input: 'x'.repeat(300_000) });
    expect(piped).toMatchObject({ code: 0, stdout: '300000\n' });
    expect(await run('--rm', 'busybox', 'cat')).toMatchObject({ code: 0, stdout: '' });
  });

  test('keeps its input open with -d -i, for whoever comes later', async () => {
    await home.ok(['run', '-di', '--name', 'later', 'busybox', 'sh', '-c', 'read word; echo got $word']);
    expect(await home.gh(['attach', 'later'], { input: 'word\n' })).toMatchObject({ code: 0, stdout: 'got word\n' });
    await home.ok(['rm', '-f', '--now', 'later']);
  });

  test('loses nothing of what a quick program writes', async () => {
    const { stdout } = await run('--rm', 'busybox', 'seq', '1', '400000');
    expect(stdout.length).toBe(Array.from({ length: 400_000 }, (_, i) => `${i + 1}\n`).join('').length);
    expect(stdout.endsWith('399999\n400000\n')).toBe(true);
  });

  test('sets what its options say', async () => {
    writeFileSync(join(home.path, 'env'), '# mine\nFILE=from file\n');
    const script =
      'id -u; pwd; hostname; echo $FILE $WORD; touch /x 2>&1 | head -1; touch /tmp/y && echo writable; ulimit -n';
    const options = ['-u', '1000', '-w', '/usr', '-h', 'box', '--env-file', join(home.path, 'env'), '-e', 'WORD=word'];
    const more = ['--read-only', '--tmpfs', '/tmp:size=1m', '--ulimit', 'nofile=123', '--network', 'none'];
    const { stdout, code } = await run('--rm', ...options, ...more, 'busybox', 'sh', '-c', script);
    expect(stdout.split('\n')).toEqual([
      '1000',
      '/usr',
      'box',
      'from file word',
      expect.stringMatching(/Read-only/),
      'writable',
      '123',
      '',
    ]);
    expect(code).toBe(0);
  });

  test('in the background says the id, under a friendly name', async () => {
    const id = (await run('-d', 'busybox', 'sleep', '600')).stdout.trim();
    expect(await guests()).toMatchObject([{ id, state: 'running', name: expect.stringMatching(/^[a-z]+-[a-z]+$/) }]);
    await home.ok(['rm', '-f', '--now', id]);
  });

  test('passes signals on', async () => {
    const script = 'trap "echo got it; exit 3" TERM; echo ready; while :; do sleep 0.1; done';
    const shown = home.spawn(['run', '--rm', 'busybox', 'sh', '-c', script]);
    const ended = new Promise((resolve) => shown.once('close', resolve));
    let said = '';
    shown.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await until(() => said === 'ready\n');
    shown.kill('SIGTERM');
    expect(await ended).toBe(3);
    expect(said).toBe('ready\ngot it\n');
  });

  test('is left by keys, and goes on', async () => {
    const script = 'echo ready; while read word; do echo got $word; done';
    await home.ok(['run', '-dit', '--name', 'left', 'busybox', 'sh', '-c', script]);
    const words = `${process.execPath} ${CLI} attach --detach-keys ctrl-p,ctrl-q left`;
    const terminal = spawn('script', ['-qec', words, '/dev/null'], { env: home.env });
    terminal.stdin.on('error', () => {}); // a key more than it read
    try {
      let seen = '';
      terminal.stdout.on('data', (chunk) => {
        seen += chunk;
      });
      const ended = new Promise((resolve) => terminal.on('close', resolve));
      // Until it listens, what is typed is the terminal's own matter.
      const typing = setInterval(() => terminal.stdin.write(seen.includes('got word') ? '\x10\x11' : 'word\r'), 300);
      expect(await ended.finally(() => clearInterval(typing))).toBe(0);
      expect(seen).toContain('got word');
    } finally {
      terminal.kill();
    }
    expect(JSON.parse(await home.ok(['inspect', 'left'])).state).toBe('running');
    await home.ok(['rm', '-f', '--now', 'left']);
  });

  test('is attached to later', async () => {
    const script = 'read word; echo got $word; exit 4';
    const rest = ['--image', 'busybox', '--isolation', 'container', '--no-tty', '--start', '--', 'sh', '-c', script];
    await home.ok(['create', 'later', ...rest]);
    expect(await home.gh(['attach', 'later'], { input: 'this\n' })).toEqual({
      code: 4,
      stdout: 'got this\n',
      stderr: '',
    });
    await home.ok(['rm', '--now', 'later']);
  });

  test('loses nothing when it ends without having read its input', async () => {
    const input = 'a'.repeat(3_000_000);
    const said: string[] = [];
    for (let turn = 0; turn < 3; turn++)
      said.push((await home.gh(['run', '--rm', '-i', 'busybox', 'sh', '-c', 'sleep 0.2; echo out'], { input })).stdout);
    expect(said).toEqual(Array(3).fill('out\n'));
  });

  test('has a terminal with -t', () => {
    const words = `${process.execPath} ${CLI} run --rm -it busybox sh -c 'tty; stty size; exit 5'`;
    const { status, stdout } = spawnSync('script', ['-qec', words, '/dev/null'], {
      env: home.env,
      timeout: 30_000,
      input: '',
    });
    expect(stdout.toString()).toMatch(/\/dev\/pts\/\d/);
    expect(status).toBe(5);
  });

  test.each([
    [127, ['busybox', 'no-such-program'], /no-such-program/],
    [126, ['busybox', '/etc'], /\/etc/],
    [125, ['--pull', 'never', 'no-such-image'], /no-such-image/],
    [125, ['--memory', 'lots', 'busybox'], /--memory/],
    [125, ['--privileged', 'busybox'], /--privileged/],
    [125, [], /IMAGE/],
  ])('exits with %i for %j, and leaves nothing', async (code, words, said) => {
    const result = await run(...words);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(said);
    expect(await guests()).toEqual([]);
  });
});

describe('a guest that runs', () => {
  beforeAll(async () => {
    // From here on somebody else owns the engine, as a window does.
    await home.serve();
    await home.ok(['run', '-d', '--init', '--name', 'box', '-l', 'tier=back', 'busybox', 'sleep', '600']);
  });
  afterAll(() => home.gh(['rm', '-f', '--now', 'box']));

  test('is found by filters', async () => {
    const id = (await inspect('box')).id;
    expect(await home.ok(['ls', '-q', '--filter', 'label=tier=back'])).toBe(`${id}\n`);
    expect(await home.ok(['ls', '-q', '--filter', 'label=tier=front'])).toBe('');
    expect((await home.gh(['ls', '--filter', 'colour=red'])).stderr).toMatch(/colour/);
  });

  test('takes commands with options of their own', async () => {
    expect(await home.ok(['exec', '-u', '1000', '-w', '/usr', 'box', 'sh', '-c', 'id -u; pwd'])).toBe('1000\n/usr\n');
    expect(await home.ok(['top', 'box'])).toMatch(/sleep 600/);
  });

  test('changes as it runs; what needs it made anew is refused until that is asked for', async () => {
    await home.ok(['update', 'box', '-l', 'more=1', '--memory', '64m', '--label-rm', 'tier']);
    expect((await inspect('box')).spec).toMatchObject({ labels: { more: '1' }, memoryMib: 64 });
    expect(await home.gh(['update', 'box', '-e', 'A=1'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/env/),
    });
    await home.ok(['update', '--recreate', 'box', '-e', 'A=1']);
    expect(await home.ok(['exec', 'box', 'sh', '-c', 'echo $A'])).toBe('1\n');
  });

  test('gives and takes files, in both directions, whole folders too', async () => {
    const from = join(home.path, 'from');
    mkdirSync(join(from, 'sub'), { recursive: true });
    writeFileSync(join(from, 'a file'), 'a');
    writeFileSync(join(from, 'sub/run.sh'), 'b', { mode: 0o755 });
    symlinkSync('a file', join(from, 'near'));
    await home.ok(['cp', from, 'box:/tmp/there']);
    await home.ok(['cp', from, 'box:/tmp']);
    await home.ok(['cp', join(from, 'a file'), 'box:/tmp/renamed']);
    expect(
      await home.ok([
        'exec',
        'box',
        'sh',
        '-c',
        'cat /tmp/there/near /tmp/from/sub/run.sh /tmp/renamed; stat -c %u /tmp/renamed',
      ]),
    ).toBe('aba0\n');

    await home.ok(['exec', 'box', 'ln', '-s', '/etc/passwd', '/tmp/there/out']);
    const back = join(home.path, 'back');
    const { code, stderr } = await home.gh(['cp', 'box:/tmp/there', back]);
    expect(code).toBe(0);
    expect(stderr).toBe('left out: there/out is a link that leads out of the copy, to /etc/passwd\n');
    expect(readFileSync(join(back, 'near'), 'utf8')).toBe('a');
    expect(statSync(join(back, 'sub/run.sh')).mode & 0o111).toBe(0o111);
    expect(statSync(join(back, 'sub/run.sh')).uid).toBe(process.getuid?.());
    await home.ok(['cp', '--keep-links', 'box:/tmp/there/.', back]);
    expect(lstatSync(join(back, 'out')).isSymbolicLink()).toBe(true);
    await home.ok(['cp', 'box:/tmp/there/sub/run.sh', back]);
    expect(readFileSync(join(back, 'run.sh'), 'utf8')).toBe('b');

    const archive = spawnSync(process.execPath, [CLI, 'cp', 'box:/tmp/there', '-'], { env: home.env });
    expect(spawnSync('tar', ['-t'], { input: archive.stdout }).stdout.toString()).toContain('there/sub/run.sh');
    const put = spawnSync(process.execPath, [CLI, 'cp', '-', 'box:/root'], { env: home.env, input: archive.stdout });
    expect(put.status).toBe(0);
    expect(await home.ok(['exec', 'box', 'cat', '/root/there/sub/run.sh'])).toBe('b');
    expect(await home.ok(['diff', 'box'])).toMatch(/^A \/root\/there$/m);
  });

  test.each([
    [['cp', 'box:/no/such', '.'], 1, /no\/such/],
    [['cp', '/no/such', 'box:/tmp'], 1, /no\/such/],
    [['cp', 'box:/etc', 'box:/tmp'], 2, /between guests/],
    [['cp', 'a', 'b'], 2, /Neither/],
    [['cp', 'ghost:/etc', '.'], 1, /ghost/],
    [['cp', 'box:/etc/passwd', '/no/such/file'], 1, /not-found.*\/no\/such/],
    [['attach', '--detach-keys', 'alt-x', 'box'], 2, /alt-x/],
    [['top', 'ghost'], 1, /ghost/],
    [['update', 'box'], 2, /something to change/],
    [['network', 'rm', 'ghost'], 1, /ghost/],
    [['volume', 'rm', 'ghost'], 1, /ghost/],
    [['network', 'dance'], 2, /dance/],
    [['signal', 'NOPE', 'box'], 2, /NOPE/],
  ])('%j is answered with one clear error', async (words, code, said) => {
    const result = await home.gh(words);
    expect(result.stderr).toMatch(/^error \[[a-z-]+\]: /);
    expect(result.stderr).toMatch(said);
    expect(result).toMatchObject({ code, stdout: '' });
  });
});

test('what a wish means, or what the host cannot do of it, is said', async () => {
  expect(await run('--rm', '--network', 'host', 'busybox', 'true')).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/note: It shares the network of the host/),
  });
  const limited = await run('--rm', '-m', '64m', 'busybox', 'true');
  const told = /note: .*limits are not enforced/.test(limited.stderr);
  const { stdout } = await run('-d', '--name', 'unsaid', 'busybox', 'sleep', '60');
  const { notes } = JSON.parse(await home.ok(['inspect', stdout.trim()]));
  await home.ok(['rm', '-f', '--now', 'unsaid']);
  expect(told).toBe(notes.some((note: string) => /limits are not enforced/.test(note)));
});

test('networks and volumes are made, used, looked at, and pruned', async () => {
  await home.ok(['network', 'create', '--isolated', 'inner']);
  await home.ok(['volume', 'create', '-l', 'a=b', 'data']);
  expect(JSON.parse(await home.ok(['network', 'inspect', 'inner']))).toMatchObject({ mode: 'isolated' });
  await home.ok([
    'run',
    '--rm',
    '-v',
    'data:/data',
    '--network',
    'inner',
    'busybox',
    'sh',
    '-c',
    'echo kept > /data/x',
  ]);
  expect((await run('--rm', '-v', 'data:/data:ro', 'busybox', 'cat', '/data/x')).stdout).toBe('kept\n');
  expect(await home.ok(['volume', 'ls'])).toMatch(/^data /m);
  // A volume with a name is somebody's, and goes only when that is meant.
  expect(await home.gh(['volume', 'prune', '-f'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'Nothing without a name. -a takes also 1 that no guest uses.\n',
  });
  expect(await home.ok(['volume', 'prune', '-a', '--dry-run'])).toBe('data\n');
  expect(await home.gh(['volume', 'prune', '-a'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/Give -f/) });
  const use = JSON.parse(await home.ok(['df', '--json']));
  expect(use.kinds).toMatchObject([
    { what: 'images' },
    { what: 'guests' },
    { what: 'volumes', count: 1 },
    { what: 'trash' },
  ]);
  expect(use.kinds[0].sizeBytes).toBeGreaterThan(500_000);
  expect(use.volumes).toMatchObject([{ name: 'data', usedBy: [], bytes: expect.any(Number) }]);
  expect(use.volumes[0].bytes).toBeGreaterThan(0);
  expect(use.kinds[2].freeableBytes).toBe(use.volumes[0].bytes);
  expect(await home.ok(['df', '-v'])).toMatch(/^IMAGE[\s\S]*^busybox:latest [\s\S]*^data /m);
  expect(await home.ok(['volume', 'prune', '-a', '-f'])).toBe('data\n');
  expect(await home.ok(['volume', 'rm', '-f', 'data'])).toBe('data\n');
  expect(await home.ok(['network', 'prune', '-f'])).toBe('inner\n');
  expect(await home.ok(['network', 'rm', '-f', 'inner'])).toBe('inner\n');
});

test('a guest is waited for, renamed, cloned, committed, and taken along as a file', async () => {
  await home.ok(['run', '--name', 'first', 'busybox', 'sh', '-c', 'echo made > /made']);
  expect(await home.ok(['wait', 'first'])).toBe('0\n');
  await home.ok(['rename', 'first', 'second']);
  await home.ok(['clone', 'second', 'third']);
  await home.ok(['commit', 'second', 'made:1', '--', 'cat', '/made']);
  expect((await run('--rm', 'made:1')).stdout).toBe('made\n');
  await home.ok(['tag', 'made:1', 'made:2']);
  await home.ok(['save', '-o', join(home.path, 'made.tar'), 'made:2']);
  await home.ok(['export', '-o', join(home.path, 'third.guest'), 'third']);
  await home.ok(['rm', '--now', 'second', 'third']);
  await home.ok(['import', '--name', 'fourth', join(home.path, 'third.guest')]);
  expect((await guests()).map(({ name }) => name)).toEqual(['fourth']);
  await home.ok(['rm', '--now', 'fourth']);
  await home.ok(['image', 'rm', 'made:2', 'made:1']);
});
