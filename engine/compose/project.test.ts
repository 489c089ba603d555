// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language that is read here writes its variables so
import { describe, expect, it, test } from 'vitest';
import { GuesthouseError } from '../contract/errors.ts';
import { type Project, readProject } from './project.ts';

interface Given {
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly name?: string;
}

function read(text: string, { variables = {}, files = {}, name = 'shop' }: Given = {}): Project {
  return readProject({
    text,
    fileName: 'compose.yaml',
    folder: '/srv/shop',
    name,
    variable: (key) => variables[key],
    readFile: (path) => files[path] ?? null,
    isThere: (path) => !path.includes('missing'),
  });
}
const draft = (text: string, given?: Given) =>
  read(`services:\n  web:\n    image: busybox\n${text}`, given).services[0]?.draft;
const refused = (act: () => unknown): GuesthouseError => {
  try {
    act();
  } catch (error) {
    if (error instanceof GuesthouseError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
};

describe('a service becomes a guest', () => {
  it('with plain values where the file says nothing', () => {
    expect(draft('')).toMatchObject({
      name: 'shop-web-1',
      isolation: 'container',
      image: 'busybox',
      tty: false,
      inputOnce: true,
      network: 'shop_default',
      aliases: ['web'],
      cpus: 1,
      memoryMib: 512,
      user: null,
      env: {},
      restart: { when: 'no', maxRetries: null },
    });
  });

  test.each([
    ['command: echo "two words" $$HOME', { command: ['echo', 'two words', '$HOME'] }],
    ['command: [echo, 1]', { command: ['echo', '1'] }],
    ['entrypoint: /run --fast', { entrypoint: ['/run', '--fast'] }],
    [
      'ports: ["8080:80", "127.0.0.1:53:53/udp", {target: 90, published: 9090}]',
      {
        ports: [
          { hostIp: '127.0.0.1', hostPort: 8080, guestPort: 80, protocol: 'tcp' },
          { hostIp: '127.0.0.1', hostPort: 53, guestPort: 53, protocol: 'udp' },
          { hostIp: '127.0.0.1', hostPort: 9090, guestPort: 90, protocol: 'tcp' },
        ],
      },
    ],
    [
      'volumes: [./data:/data:ro, {type: bind, source: /srv/x, target: /x}]',
      {
        mounts: [
          { source: '/srv/shop/data', target: '/data', readOnly: true },
          { source: '/srv/x', target: '/x', readOnly: false },
        ],
      },
    ],
    ['environment: [A=1, B, C]', { env: { A: '1', B: 'from outside' } }],
    ['environment: { A: 1, B: , D: true }', { env: { A: '1', B: 'from outside', D: 'true' } }],
    [
      'env_file: [one.env, { path: none.env, required: false }]\n    environment: { X: "3" }',
      { env: { X: '3', Y: '2 and 1' } },
    ],
    ['restart: on-failure:3', { restart: { when: 'on-failure', maxRetries: 3 } }],
    ['restart: no', { restart: { when: 'no', maxRetries: null } }],
    [
      'healthcheck: { test: test -e /ok, interval: 1m30s, retries: 5 }',
      {
        health: {
          command: ['/bin/sh', '-c', 'test -e /ok'],
          intervalMs: 90_000,
          timeoutMs: 30_000,
          startPeriodMs: 0,
          retries: 5,
        },
      },
    ],
    [
      'healthcheck: { disable: true }',
      { health: { command: [], intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 } },
    ],
    [
      'deploy: { resources: { limits: { cpus: "0.5", memory: 64M, pids: 10 } } }',
      { cpus: 0.5, memoryMib: 64, pidsLimit: 10 },
    ],
    ['mem_limit: 1g\n    cpus: 2', { cpus: 2, memoryMib: 1024 }],
    [
      'user: 1000:1000\n    working_dir: /srv\n    hostname: box\n    mac_address: 52:54:00:12:34:56\n    init: true\n    read_only: true',
      {
        user: '1000:1000',
        workingDir: '/srv',
        hostname: 'box',
        macAddress: '52:54:00:12:34:56',
        init: true,
        readOnlyRoot: true,
      },
    ],
    [
      'tmpfs: /run\n    cap_add: [NET_ADMIN]\n    cap_drop: [ALL]',
      { tmpfs: [{ target: '/run', sizeMib: null }], capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } },
    ],
    [
      'ulimits: { nproc: 65535, nofile: { soft: 10, hard: 20 } }',
      {
        ulimits: [
          { name: 'nproc', soft: 65535, hard: 65535 },
          { name: 'nofile', soft: 10, hard: 20 },
        ],
      },
    ],
    ['labels: { a: b }\n    container_name: mine', { labels: { a: 'b' }, name: 'mine' }],
    ['x-isolation: vm', { isolation: 'vm', memoryMib: 1024 }],
    ['network_mode: none', { network: 'none', aliases: [] }],
    [
      'stop_signal: SIGINT\n    stop_grace_period: 1m\n    stdin_open: true\n    tty: true',
      { stopSignal: 'SIGINT', stopGraceMs: 60_000, inputOnce: false, tty: true },
    ],
    ['security_opt: ["no-new-privileges:true"]\n    x-whatever: 1\n    expose: [80]', { noNewPrivileges: true }],
  ])('%s', (text, expected) => {
    const given = { variables: { B: 'from outside' }, files: { '/srv/shop/one.env': 'X=1\nY="2 and ${X}"\n' } };
    expect(draft(`    ${text}\n`, given)).toMatchObject(expected);
  });
});

describe('a project', () => {
  const TWO = `
name: other
services:
  web: { image: a, networks: { front: , back: { aliases: [www] } }, volumes: ["data:/d"], depends_on: [db] }
  db: { build: { context: ./db, dockerfile: Db.file, args: { V: "1", W: } }, networks: [back] }
networks: { front: , back: { internal: true }, unused: }
volumes: { data: { name: shared, external: true }, spare: }
`;
  it('has its networks and volumes by real names, and its services in order', () => {
    const project = read(TWO, { name: 'shop', variables: { W: 'w' } });
    expect(project.services.map(({ name }) => name)).toEqual(['db', 'web']);
    expect(project.services[1]?.draft).toMatchObject({
      network: 'shop_front',
      moreNetworks: ['shop_back'],
      aliases: ['web', 'www'],
    });
    expect(project.networks).toMatchObject([
      { name: 'shop_front', mode: 'nat' },
      { name: 'shop_back', mode: 'isolated' },
    ]);
    expect(project.volumes).toMatchObject([{ name: 'shared', external: true }]);
    expect(project.services[0]).toMatchObject({
      draft: { image: 'shop-db' },
      build: {
        context: '/srv/shop/db',
        containerfile: '/srv/shop/db/Db.file',
        buildArgs: { V: '1', W: 'w' },
        name: 'shop-db',
      },
    });
  });

  it('takes its name from the command line, the file or the folder', () => {
    const source = {
      text: TWO,
      fileName: 'c',
      folder: '/srv/My Shop_1',
      variable: () => undefined,
      readFile: () => null,
      isThere: () => true,
    };
    expect(readProject({ ...source, name: null }).name).toBe('other');
    expect(readProject({ ...source, text: 'services: { a: { image: b } }', name: null }).name).toBe('myshop_1');
  });

  it('knows merge keys and variables, and warns of those that are not set', () => {
    const project = read(
      'x-base: &base { image: "a:${TAG:-1}", restart: always }\nservices:\n  one: { <<: *base, command: "$NOPE" }\n',
    );
    expect(project.services[0]?.draft).toMatchObject({ image: 'a:1', restart: { when: 'always' } });
    expect(project.unset).toEqual(['NOPE']);
  });
});

describe('what is not supported or wrong is named with its line', () => {
  test.each([
    ['services:\n  a:\n    image: b\n    privileged: true', 'unsupported', 4, 'services.a.privileged'],
    [
      'services:\n  a:\n    image: b\n    deploy:\n      placement: {}',
      'unsupported',
      5,
      'services.a.deploy.placement',
    ],
    ['services:\n  a: { image: b }\ninclude: [x]', 'unsupported', 3, 'include'],
    ['services:\n  a: { image: b }\nsecrets: { s: { external: true } }', 'unsupported', 3, 'secrets.s.external'],
    ['services:\n  a: { image: b }\nconfigs: { s: { content: x } }', 'unsupported', 3, 'configs.s.content'],
    ['services:\n  a: { image: b }\nsecrets: { s: { file: ./missing } }', 'invalid', 3, 'secrets.s.file'],
    ['services:\n  a: { image: b, secrets: [s] }', 'invalid', 2, 'services.a.secrets.0'],
    ['services:\n  a: { image: b, extends: c }', 'invalid', 2, 'services.a.extends'],
    [
      'services:\n  a: { image: b, extends: { service: c, file: ../x.yaml } }',
      'unsupported',
      2,
      'services.a.extends.file',
    ],
    ['services:\n  a: { extends: b }\n  b: { extends: a }', 'invalid', 2, 'services.a.extends'],
    ['services:\n  a:\n    image: b\n    network_mode: "service:x"', 'unsupported', 4, 'services.a.network_mode'],
    ['services:\n  a:\n    image: b\n    volumes:\n      - data:/d', 'invalid', 5, 'services.a.volumes.0'],
    ['services:\n  a:\n    image: b\n    ports:\n      - "80:eighty"', 'invalid', 5, 'services.a.ports.0'],
    ['services:\n  a:\n    command: x', 'invalid', 2, 'services.a'],
    ['services:\n  a:\n    image: b\n    depends_on: [c]', 'invalid', 4, 'services.a.depends_on.0'],
    [
      'services:\n  a: { image: b, depends_on: [c] }\n  c: { image: b, depends_on: [a] }',
      'invalid',
      2,
      'services.a.depends_on',
    ],
    ['services:\n  a:\n    image: "${B:?say which}"', 'invalid', 3, 'services.a.image'],
    ['services:\n  a:\n    image: b\n    networks: [nope]', 'invalid', 4, 'services.a.networks.0'],
    ['services:\n  a:\n    image: b\n    x-isolation: jail', 'invalid', 4, 'services.a.x-isolation'],
    ['services:\n  a:\n    image: b\n    env_file: none.env', 'invalid', 4, 'services.a.env_file'],
    ['services:\n  a:\n    image: b\n    image: c', 'invalid', 4, ''],
    ['services: [', 'invalid', 1, ''],
    ['services: {}', 'invalid', 1, ''],
    ['- a', 'invalid', 1, ''],
  ])('%j', (text, code, line, subject) => {
    const error = refused(() => read(text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(new RegExp(`^compose\\.yaml:${line}: `));
    if (subject) expect(error.subject).toBe(subject);
  });

  test.each([
    [
      'a bomb of aliases',
      `a: &a [x, x]\n${[...'bcdefghijklmnop'].map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghijklmno'[i]}`)}]\n`).join('')}`,
    ],
    ['a deep nest', `a: ${'['.repeat(100_000)}`],
    ['a huge text', 'a'.repeat(2 ** 20 + 1)],
    ['not text', '\0\x01\x02'],
    ['nothing', ''],
  ])('%s is one clear error', (_, text) => {
    expect(refused(() => read(text)).code).toBe('invalid');
  });
});
