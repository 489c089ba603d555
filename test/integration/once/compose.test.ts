/** `compose up|down|ps|logs` on real guests: order, health, idempotence, changes, failures half-way, both isolations. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../../../engine/contract/client.ts';
import type { Guest } from '../../../engine/contract/guest.ts';
import { resolvePaths } from '../../../engine/host/paths.ts';
import { join as joinEngine } from '../../../main/join.ts';
import { makeHome, type TestHome, until } from '../../fixtures/home.ts';

let home: TestHome;
let folder: string;
let file: string;
beforeAll(async () => {
  home = makeHome();
  await home.ok(['image', 'build', 'busybox']);
  // Commands are quicker beside an owner, and a window is one.
  await home.serve();
  folder = join(home.path, 'Shop 1');
  file = join(folder, 'compose.yaml');
  mkdirSync(folder);
});
afterAll(async () => {
  await home.gh(['compose', '-f', file, '-p', 'shop1', 'down', '-v']);
  await home.end();
});

const compose = (...words: string[]) => home.gh(['compose', '-f', file, ...words]);
const ok = (...words: string[]) => home.ok(['compose', '-f', file, ...words]);
const ps = async (): Promise<
  (Pick<Guest, 'id' | 'state' | 'name'> & { service: string; health: string; exitCode: number })[]
> => JSON.parse(await ok('ps', '--json'));
const write = (text: string) => writeFileSync(file, text);

const SHOP = (greeting: string) => `
services:
  web:
    image: busybox
    command: sh -c 'echo $$GREETING; cat /data/seed; exec httpd -f -p 80 -h /data'
    environment: { GREETING: "\${GREETING:-${greeting}}" }
    volumes: [data:/data:ro]
    ports: ["0:80"]
    stop_grace_period: 1s
    depends_on:
      seed: { condition: service_completed_successfully }
  seed:
    image: busybox
    command: sh -c 'echo seeded > /data/seed; wget -qO- http://db:8080/ready'
    volumes: [data:/data]
    depends_on: { db: { condition: service_healthy } }
  db:
    image: busybox
    command: sh -c 'mkdir /www; echo yes > /www/ready; echo up; exec httpd -f -p 8080 -h /www'
    healthcheck: { test: [CMD, wget, -qO-, "http://127.0.0.1:8080/ready"], interval: 1s, retries: 30 }
    stop_grace_period: 1s
volumes: { data: {} }
`;

describe('a project', () => {
  test('comes up in order, each after what it waits for, with its network and volume', async () => {
    write(SHOP('hello'));
    const { code, stderr } = await compose('up', '-d');
    expect(code, stderr).toBe(0);
    expect(stderr.split('\n').filter((line) => /: (created|made)$/.test(line))).toEqual([
      'network shop1_default: made',
      'volume shop1_data: made',
      'db: created',
      'seed: created',
      'web: created',
    ]);
    expect(await ps()).toMatchObject([
      { service: 'db', name: 'shop1-db-1', state: 'running', health: 'healthy' },
      { service: 'seed', state: 'stopped', exitCode: 0 },
      { service: 'web', state: 'running' },
    ]);
    await until(async () => (await ok('logs')).includes('web  | seeded'));
    expect((await ok('logs')).split('\n').sort()).toEqual([
      '',
      'db   | up',
      'seed | yes',
      'web  | hello',
      'web  | seeded',
    ]);
  });

  test('that is up is left alone', async () => {
    const before = await ps();
    const { code, stderr } = await compose('up', '-d');
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/: (created|changed|started)/);
    expect(await ps()).toEqual(before);
  });

  test('is reached by the names of its services', async () => {
    expect(await ok('exec', 'web', 'cat', '/data/seed')).toBe('seeded\n');
    expect((await compose('exec', '-T', '-e', 'CODE=4', 'web', 'sh', '-c', 'exit $CODE')).code).toBe(4);
    expect(await ok('port', 'web', '80')).toMatch(/^127\.0\.0\.1:\d+\n$/);
    expect(await compose('port', 'web', '81')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not published/),
    });
    const state = async () => (await ps()).find(({ service }) => service === 'web')?.state;
    expect(await ok('stop', 'web')).toBe('shop1-web-1\n');
    expect(await state()).toBe('stopped');
    await ok('start', 'web');
    await ok('restart', '-t', '0.1', 'web');
    expect(await state()).toBe('running');
    // Of a whole project only what can be paused is.
    expect(await ok('pause')).toBe('shop1-db-1\nshop1-web-1\n');
    expect(await ok('unpause')).toBe('shop1-db-1\nshop1-web-1\n');
    expect(await ok('ps', '-a')).toMatch(/^seed .* stopped/m);
    const unknown = await compose('exec', 'ghost', 'true');
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('shop1 has no service "ghost" up') });
    // There is no registry here: it is asked for nevertheless.
    expect(await compose('pull', 'db')).toMatchObject({ code: 2, stderr: expect.stringMatching(/which registry/) });
  });

  test('has changed what the file changed, and nothing else', async () => {
    const before = await ps();
    write(SHOP('goodbye'));
    const { code, stderr } = await compose('up', '-d');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^web: changed$/m);
    expect(stderr).not.toMatch(/(db|seed): (created|changed|started)/);
    expect((await ps()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    await until(async () => (await ok('logs', 'web')).includes('goodbye'));
  });

  test('goes down whole; a volume only when that is asked for', async () => {
    expect((await compose('down')).code).toBe(0);
    expect(await ps()).toEqual([]);
    expect(await home.ok(['network', 'ls'])).not.toMatch(/shop1/);
    expect(await home.ok(['volume', 'ls', '-q'])).toBe('shop1_data\n');
    expect((await compose('down', '-v')).code).toBe(0);
    expect(await home.ok(['volume', 'ls', '-q'])).toBe('');
  });
});

describe('in front', () => {
  test('shows every line after its service, and stops all on Ctrl-C', async () => {
    const loop = `sh -c 'trap "echo bye; exit 0" TERM; echo here; while :; do sleep 0.1; done'`;
    write(
      `services:\n  a: { image: busybox, command: ${JSON.stringify(loop)} }\n  bee: { image: busybox, command: ${JSON.stringify(loop)} }\n`,
    );
    const shown = home.spawn(['compose', '-f', file, 'up']);
    const ended = new Promise((resolve) => shown.once('close', resolve));
    let said = '';
    shown.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await until(() => said.includes('a   | here\n') && said.includes('bee | here\n'));
    shown.kill('SIGINT');
    expect(await ended).toBe(130);
    expect((await ps()).map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    await ok('down');
  });

  test('ends by itself when all have ended', async () => {
    write('services:\n  once: { image: busybox, command: echo done }\n');
    expect(await compose('up')).toMatchObject({ code: 0, stdout: 'once | done\n' });
    await ok('down');
  });
});

test('a service extends another, has secrets and configs, and is left out by its profile; a second file goes over it', async () => {
  writeFileSync(join(folder, 'token.txt'), 'a token\n', { mode: 0o600 });
  writeFileSync(join(folder, 'site.conf'), 'a site\n');
  write(`services:
  base: { image: busybox, profiles: [never], secrets: [token], configs: [{ source: site, target: /etc/site.conf }] }
  web:
    extends: base
    profiles: []
    command: sh -c 'cat /run/secrets/token /etc/site.conf; echo "$$X"; echo y >/run/secrets/token || echo read-only'
  tool: { image: busybox, command: echo tool, profiles: [tools] }
secrets: { token: { file: ./token.txt } }
configs: { site: { file: ./site.conf } }
`);
  const over = join(folder, 'over.yaml');
  writeFileSync(over, 'services: { web: { environment: { X: over } } }\n');
  expect(await home.gh(['compose', '-f', file, '-f', over, 'up'])).toMatchObject({
    code: 0,
    stdout: 'web | a token\nweb | a site\nweb | over\nweb | read-only\n',
  });
  expect((await ps()).map(({ service }) => service)).toEqual(['web']);
  const { code, stdout } = await compose('--profile', 'tools', 'up', 'tool');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'tool | tool\n' });
  await ok('down');
});

test('what fails half-way says what is up, and goes on from there', async () => {
  const text = (command: string) => `
services:
  base: { image: busybox, command: sleep 600, stop_grace_period: 1s }
  broken: { image: busybox, command: ${command}, depends_on: [base], stop_grace_period: 1s }
  top: { image: busybox, command: sleep 600, depends_on: [broken], stop_grace_period: 1s }
`;
  write(text('no-such-program'));
  const { code, stderr } = await compose('up', '-d');
  expect(code).toBe(1);
  expect(stderr).toMatch(/broken did not come up: .*no-such-program.*Up: base\. Not up: broken, top\./s);
  write(text('sleep 600'));
  expect((await compose('up', '-d')).code).toBe(0);
  expect((await ps()).map(({ state }) => state)).toEqual(['running', 'running', 'running']);
  // Somebody killed half of it: it is brought back.
  await home.ok(['kill', 'shop1-broken-1']);
  expect((await compose('up', '-d')).stderr).toMatch(/broken: started/);
  await ok('down');
});

test('a service is a machine with x-isolation: vm', async () => {
  write(`services:
  box: { image: busybox, x-isolation: vm, mem_limit: 128m, command: "sh -c 'uname -r; sleep 600'" }
  beside: { image: busybox, command: sleep 600, stop_grace_period: 1s }
`);
  const { code, stderr } = await compose('up', '-d');
  expect(code, stderr).toBe(0);
  expect((await ps()).map(({ service, state }) => `${service} ${state}`)).toEqual(['beside running', 'box running']);
  const kernel = (await home.ok(['exec', 'shop1-beside-1', 'uname', '-r'])).trim();
  await until(async () => /\d\.\d/.test(await ok('logs', 'box')), 60_000);
  expect(await ok('logs', 'box')).not.toContain(`${kernel}\n`);
  await ok('down', '--time', '1');
});

describe('what is not here is refused by name and line, and nothing is made', () => {
  beforeEach(async () => expect(await ps()).toEqual([]));

  test.each([
    [
      'services:\n  a:\n    image: busybox\n    privileged: true\n',
      'unsupported',
      /compose.yaml:4: services\.a\.privileged/,
    ],
    ['services:\n  a:\n    image: [\n', 'invalid', /compose.yaml:\d: This is not YAML/],
    ['services:\n  a: { image: nope, pull_policy: never }\n', 'not-found', /nope/],
  ])('%j', async (text, code, said) => {
    write(text);
    const result = await compose('-p', 'shop1', 'up', '-d');
    expect(result.stderr).toMatch(new RegExp(`error \\[${code}\\]: `));
    expect(result.stderr).toMatch(said);
    expect(result.code).not.toBe(0);
    expect(await home.ok(['ls', '-q'])).toBe('');
    write('services: { a: { image: busybox } }\n');
    await ok('down');
  });
});

describe('by the engine, for a window', () => {
  let client: Client;
  beforeAll(async () => {
    client = (await joinEngine(resolvePaths({ ...process.env, GUESTHOUSE_HOME: home.path }))) as Client;
  });
  afterAll(async () => {
    client.close();
    await home.gh(['compose', '-p', 'seen', 'down', '-v']);
  });
  const wish = () => ({ file: { path: file }, project: 'seen' });
  const WEB = 'web: { image: busybox, command: sleep 600, stop_grace_period: 0s';

  test('is shown, brought up as one operation with a log, and taken down', async () => {
    const text = `services:\n  ${WEB}, volumes: ["data:/data"] }\nvolumes: { data: }\n`;
    write(text);
    const plan = await client.call('compose.plan', wish());
    expect(plan).toMatchObject({
      project: 'seen',
      services: [{ service: 'web', guest: 'seen-web-1', from: 'store', act: 'create', after: [] }],
      networks: [{ name: 'seen_default', there: false }],
      volumes: [{ name: 'seen_data', there: false }],
      problems: [],
    });
    write(text.replace('600', '700'));
    const { mark } = plan;
    await expect(client.call('compose.up', { ...wish(), mark })).rejects.toMatchObject({ code: 'conflict' });
    write(text);
    expect((await client.call('compose.up', { ...wish(), mark })).guests).toHaveLength(1);
    const [up] = (await client.call('operations.list', {})).filter(({ verb }) => verb === 'compose-up');
    expect(up).toMatchObject({ target: 'seen', state: 'done', hasLog: true });
    expect((await client.call('compose.plan', wish())).services).toMatchObject([{ act: 'keep' }]);
    await client.call('compose.down', { project: 'seen', volumes: true });
    expect(await client.call('guests.list', {})).toEqual([]);
    expect((await client.call('volumes.list', {})).map(({ name }) => name)).not.toContain('seen_data');
    await expect(client.call('compose.down', { project: 'seen' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('says what is in the way, and is cancelled while it waits', async () => {
    const check = 'healthcheck: { test: [CMD, "false"], interval: 1s, start_period: 600s }';
    write(
      `services:\n  ${WEB}, ${check} }\n  late: { image: busybox, depends_on: { web: { condition: service_healthy } } }\n`,
    );
    const going = client.call('compose.up', wish());
    const cancelled = expect(going).rejects.toMatchObject({ code: 'cancelled' });
    const operation = await until(async () =>
      (await client.call('operations.list', {})).find(
        ({ verb, state, progress }) =>
          verb === 'compose-up' && state === 'running' && progress?.step === 'web: waiting until it is healthy',
      ),
    );
    expect(operation?.progress?.fraction).toBe(0.75);
    await expect(client.call('compose.down', { project: 'seen' })).rejects.toMatchObject({ code: 'busy' });
    await client.call('operations.cancel', { operation: operation?.id ?? '' });
    await cancelled;
    expect(await client.call('guests.list', {})).toMatchObject([{ name: 'seen-web-1', state: 'running' }]);
    write('services:\n  web: { image: busybox, volumes: ["/no/such/folder:/data"] }\n');
    const { problems } = await client.call('compose.plan', { file: { path: file }, project: 'other' });
    expect(problems).toMatchObject([
      { service: 'web', error: { message: expect.stringContaining('/no/such/folder') } },
    ]);
    await client.call('compose.down', { project: 'seen' });
  });
});
