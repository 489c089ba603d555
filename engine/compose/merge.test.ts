import { describe, expect, it } from 'vitest';
import { GuesthouseError } from '../contract/errors.ts';
import { readProject } from './project.ts';
import { chosen } from './up.ts';

function read(text: string, more: { overrides?: string[]; files?: Record<string, string> } = {}) {
  return readProject({
    text,
    fileName: 'compose.yaml',
    overrides: (more.overrides ?? []).map((one) => ({ text: one, fileName: 'compose.override.yaml' })),
    folder: '/srv/shop',
    name: 'shop',
    variable: (name) => ({ B: 'outside' })[name],
    readFile: (path) => more.files?.[path] ?? null,
    isThere: () => true,
  });
}
const first = (text: string, more = {}) => read(text, more).services[0]?.draft;

describe('a service that extends another', () => {
  const base = `
  base:
    image: busybox
    command: [sleep, "1"]
    environment: [A=1, B]
    ports: ["8080:80"]
    volumes: ["./data:/data", "./old:/place"]
    cap_add: [NET_ADMIN]
    healthcheck: { test: [CMD, "true"], interval: 5s }
    labels: { keep: "1", change: "1" }
`;

  it('joins maps, puts lists together and replaces the rest', () => {
    const text = `services:
  web:
    extends: { service: base }
    command: serve
    environment: { A: "2", C: "3" }
    ports: ["9090:90", "8080:80"]
    volumes: ["./new:/place:ro"]
    cap_add: [SYS_TIME]
    healthcheck: { test: [CMD, "false"] }
    labels: [change=2]
${base}`;
    expect(first(text)).toMatchObject({
      image: 'busybox',
      command: ['serve'],
      env: { A: '2', B: 'outside', C: '3' },
      ports: [{ hostPort: 9090 }, { hostPort: 8080 }],
      mounts: [
        { source: '/srv/shop/data', target: '/data' },
        { source: '/srv/shop/new', target: '/place', readOnly: true },
      ],
      capabilities: { add: ['NET_ADMIN', 'SYS_TIME'] },
      health: { command: ['false'], intervalMs: 5000 },
      labels: { keep: '1', change: '2' },
    });
    expect(first(text)?.ports).toHaveLength(2);
  });

  it('of another file beside it, which may extend a third', () => {
    const files = {
      '/srv/shop/common.yaml': `services:\n  app: { extends: base, user: "7" }\n${base}`,
    };
    const draft = first('services:\n  web: { extends: { file: common.yaml, service: app } }', { files });
    expect(draft).toMatchObject({ image: 'busybox', user: '7', name: 'shop-web-1' });
    const wrong = { '/srv/shop/common.yaml': 'services:\n  app:\n    image: x\n    privileged: true' };
    const reading = () => read('services:\n  web: { extends: { file: common.yaml, service: app } }', { files: wrong });
    expect(reading).toThrow(/^common\.yaml:4: services\.app\.privileged/);
  });
});

describe('a second file', () => {
  it('is laid over the first, services, networks and all', () => {
    const project = read('services:\n  web: { image: busybox, ports: ["80"] }\nvolumes: { d: {} }', {
      overrides: [
        'services:\n  web: { environment: { X: "1" }, volumes: ["d:/d"] }\n  debug: { image: busybox }',
        'services:\n  web: { image: "busybox:2" }',
      ],
    });
    expect(project.services).toMatchObject([
      { name: 'web', draft: { image: 'busybox:2', env: { X: '1' }, mounts: [{ source: 'shop_d' }] } },
      { name: 'debug' },
    ]);
  });

  it('says its own name and line where it is wrong', () => {
    const reading = () => read('services: { web: { image: a } }', { overrides: ['services:\n  web:\n    ports: [x]'] });
    expect(reading).toThrow(/^compose\.override\.yaml:3: /);
  });
});

describe('profiles', () => {
  const project = read(`services:
  web: { image: a }
  debug: { image: a, profiles: [tools], depends_on: [web] }
  late: { image: a, profiles: [night, tools] }
  bound: { image: a, profiles: [night], depends_on: [debug] }
`);
  const names = (services: string[], profiles: string[]) => chosen(project, services, profiles).map(({ name }) => name);

  it('leave out what is not wanted, unless it is named', () => {
    expect(names([], [])).toEqual(['web']);
    expect(names([], ['tools'])).toEqual(['web', 'debug', 'late']);
    expect(names([], ['*'])).toEqual(['web', 'debug', 'late', 'bound']);
    expect(names(['debug'], [])).toEqual(['web', 'debug']);
  });

  it('are asked for where something depends on what they leave out', () => {
    expect(() => names([], ['night'])).toThrow(GuesthouseError);
    expect(() => names([], ['night'])).toThrow(/^compose\.yaml:5: bound depends on debug, .* tools only/);
  });
});

it('secrets and configs are files at places of their own, read-only', () => {
  const text = `services:
  web:
    image: a
    secrets: [token, { source: key, target: keys/one }]
    configs: [site, { source: site, target: /etc/site.conf }]
secrets: { token: { file: ./token.txt }, key: { file: /etc/key } }
configs: { site: { file: site.conf } }
`;
  expect(first(text)?.mounts).toEqual([
    { source: '/srv/shop/site.conf', target: '/site', readOnly: true },
    { source: '/srv/shop/site.conf', target: '/etc/site.conf', readOnly: true },
    { source: '/srv/shop/token.txt', target: '/run/secrets/token', readOnly: true },
    { source: '/etc/key', target: '/run/secrets/keys/one', readOnly: true },
  ]);
  expect(() => first(text.replace('image: a', 'image: a\n    x-isolation: vm'))).toThrow(/not supported/);
});
