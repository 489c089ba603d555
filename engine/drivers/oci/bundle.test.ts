import { describe, expect, it } from 'vitest';
import { type BundleRequest, buildBundle } from './bundle.ts';
import { commandOf, type ProcessRequest, processSpec, workingDirectory } from './process-spec.ts';
import { seccompProfile } from './seccomp.ts';

const image = {
  entrypoint: ['/entry'],
  cmd: ['serve'],
  env: ['PATH=/bin', 'LANG=C=UTF-8'],
  workingDir: '/srv/',
  user: '',
  exposedPorts: [],
  volumes: [],
  stopSignal: null,
  health: null,
  labels: {},
};

const processRequest: ProcessRequest = {
  args: ['/entry', 'serve'],
  tty: true,
  identity: { uid: 0, gid: 0, groups: [], home: '/root' },
  image,
  hostname: 'web',
  env: ['MODE=test'],
  openFilesHard: 20_000,
};

const request: BundleRequest = {
  process: processSpec(processRequest),
  hostname: 'web',
  rootPath: '/home/u/guests/0123456789ab/rootfs',
  networkPath: '/run/u/netns/0123456789ab',
  etcFolder: '/home/u/guests/0123456789ab/etc',
  mounts: [{ source: '/home/u/data', target: '/data', readOnly: true, flags: ['noexec'] }],
  limits: { cpus: 1.5, memoryMib: 256, pids: 4096, swap: true },
  cgroupsPath: '/guesthouse/0123456789ab',
  arch: 'x64',
  manyIds: true,
};

describe('config.json', () => {
  it('is this', async () => {
    await expect(`${JSON.stringify(buildBundle(request), null, 1)}\n`).toMatchFileSnapshot('bundle.golden.json');
  });

  it('mounts all kernel file systems itself, whatever the image holds (CVE-2026-41579)', () => {
    const fresh = buildBundle(request).mounts.filter(({ type }) => type !== 'bind');
    expect(fresh.map(({ destination }) => destination)).toEqual([
      '/proc',
      '/dev',
      '/dev/pts',
      '/dev/shm',
      '/dev/mqueue',
      '/sys',
    ]);
  });

  it('asks for no limits and no group where there are none', () => {
    const { linux } = buildBundle({ ...request, limits: null, cgroupsPath: null });
    expect(linux.cgroupsPath).toBeUndefined();
    expect(Object.keys(linux.resources)).toEqual(['devices']);
  });

  it('has no tty group where ids are few', () => {
    const pts = buildBundle({ ...request, manyIds: false }).mounts.find(
      ({ destination }) => destination === '/dev/pts',
    );
    expect(pts?.options).not.toContain('gid=5');
  });

  it('never asks for less processor time than the kernel grants', () => {
    const limits = { cpus: 0.001, memoryMib: 16, pids: 1, swap: false };
    expect(buildBundle({ ...request, limits }).linux.resources).toMatchObject({
      cpu: { quota: 1000, period: 100_000 },
      memory: { limit: 16_777_216 },
    });
  });
});

describe('the process', () => {
  it('joins command and environment as container engines do', () => {
    expect(commandOf({ command: null }, image)).toEqual(['/entry', 'serve']);
    expect(commandOf({ command: ['other'] }, image)).toEqual(['/entry', 'other']);
    expect(processSpec({ ...processRequest, env: ['LANG=de', 'PATH=/x'] }).env).toEqual([
      'PATH=/x',
      'HOSTNAME=web',
      'HOME=/root',
      'TERM=xterm-256color',
      'LANG=de',
    ]);
  });

  it('gives an ordinary user no capability', () => {
    const identity = { uid: 1000, gid: 100, groups: [200], home: '/home/a' };
    const spec = processSpec({ ...processRequest, identity, tty: false });
    expect(spec.capabilities).toMatchObject({ effective: [], permitted: [], inheritable: [], ambient: [] });
    expect(spec.user).toEqual({ uid: 1000, gid: 100, additionalGids: [200] });
    expect(spec.consoleSize).toBeUndefined();
  });

  it.each(['NAME', '=value', 'A\0=b', 'A\nB=c', ''])('refuses the environment entry %j', (entry) => {
    expect(() => processSpec({ ...processRequest, env: [entry] })).toThrow(/not NAME=value/);
  });

  it.each(['/proc', '/proc/self/fd/8', '//proc/1', '/srv/../proc/1', 'srv', '../x', '/a\0b'])(
    'refuses the working directory %j',
    (path) => {
      expect(() => workingDirectory(path)).toThrow(/working directory/);
    },
  );

  it.each([
    ['', '/'],
    ['/srv//app/../', '/srv'],
    ['/process', '/process'],
  ])('takes the working directory %j as %j', (path, normal) => {
    expect(workingDirectory(path)).toBe(normal);
  });
});

describe('the seccomp profile', () => {
  it('names every call once per rule set and knows the common machines', () => {
    const plain = seccompProfile('x64').syscalls.filter(({ args }) => args === undefined);
    const names = plain.flatMap((rule) => rule.names);
    expect(new Set(names).size).toBe(names.length);
    for (const name of ['bpf', 'keyctl', 'kexec_load', 'init_module', 'mount', 'userfaultfd', 'perf_event_open']) {
      expect(names).toContain(name);
    }
    expect(seccompProfile('arm64').architectures).toContain('SCMP_ARCH_AARCH64');
    expect(seccompProfile('unknown').architectures).toEqual([]);
  });
});
