import { describe, expect, it } from 'vitest';
import { type BundleRequest, buildBundle } from './bundle.ts';
import { asAsked, commandOf, type ProcessRequest, processSpec, rightsOf } from './process-spec.ts';
import { seccompFor } from './seccomp.ts';
import { workingDirectory } from './working-folder.ts';

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

const rights = rightsOf(
  { capabilities: { add: [], drop: [] }, noNewPrivileges: false, ulimits: [] },
  null,
  new Map([['nofile', 20_000]]),
  false,
);
const processRequest: ProcessRequest = {
  args: ['/entry', 'serve'],
  tty: true,
  identity: { uid: 0, gid: 0, groups: [], home: '/root' },
  image,
  hostname: 'web',
  env: ['MODE=test'],
  rights,
};

const request: BundleRequest = {
  process: processSpec(processRequest),
  hostname: 'web',
  rootPath: '/home/u/guests/0123456789ab/rootfs',
  networkPath: '/run/u/netns/0123456789ab',
  etcFolder: '/home/u/guests/0123456789ab/etc',
  readOnlyRoot: false,
  mounts: [{ source: '/home/u/data', target: '/data', readOnly: true, flags: ['noexec'] }],
  tmpfs: [],
  tmpfsMib: 128,
  devices: [],
  makesNodes: true,
  initPath: null,
  seccomp: seccompFor({ arch: 'x64', capabilities: rights.capabilities.bounding, kernel: '6.1.0' }),
  cgroupView: 'runtime',
  limits: { cpus: 1.5, memoryMib: 256, pids: 4096, swap: true, io: null },
  cgroupsPath: '/guesthouse/0123456789ab',
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
      '/sys/fs/cgroup',
    ]);
  });

  it('shows the groups of each hierarchy itself where the runtime cannot, and none where there is none', () => {
    const shown = (change: Partial<BundleRequest>) =>
      buildBundle({ ...request, ...change }).mounts.filter(({ destination }) => destination.startsWith('/sys/fs'));
    const [place, memory, ...more] = shown({ cgroupView: ['memory'] });
    expect(place).toMatchObject({ destination: '/sys/fs/cgroup', type: 'tmpfs' });
    expect(memory).toMatchObject({
      destination: '/sys/fs/cgroup/memory',
      type: 'bind',
      source: '/sys/fs/cgroup/memory/guesthouse/0123456789ab',
    });
    for (const mount of [place, memory]) expect(mount?.options).toContain('ro');
    expect(more).toEqual([]);
    expect(shown({ cgroupView: ['memory'], cgroupsPath: null })).toEqual([]);
    expect(shown({ cgroupView: [] })).toEqual([]);
  });

  it('asks for no limits and no group where there are none', () => {
    const { linux } = buildBundle({ ...request, limits: null, cgroupsPath: null });
    expect(linux.cgroupsPath).toBeUndefined();
    expect(Object.keys(linux.resources)).toEqual(['devices']);
  });

  it('has what a person asked for', () => {
    const device = {
      source: '/dev/x',
      target: '/dev/y',
      access: 'rw',
      type: 'c',
      major: 1,
      minor: 3,
      mode: 0o666,
      uid: 0,
      gid: 5,
    } as const;
    const io = {
      device: { major: 8, minor: 0 },
      limits: { readBytesPerSecond: 1000, writeBytesPerSecond: null, readOpsPerSecond: null, writeOpsPerSecond: 50 },
    };
    const asked: BundleRequest = {
      ...request,
      readOnlyRoot: true,
      tmpfs: [
        { target: '/data/deep', sizeMib: 16 },
        { target: '/t', sizeMib: null },
      ],
      devices: [device],
      initPath: '/usr/bin/tini',
      seccomp: null,
      limits: { cpus: 1, memoryMib: 256, pids: 10, swap: false, io },
    };
    const { root, mounts, linux } = buildBundle(asked);
    expect(root.readonly).toBe(true);
    expect(linux.seccomp).toBeUndefined();
    expect(linux.devices).toEqual([{ path: '/dev/y', type: 'c', major: 1, minor: 3, fileMode: 0o666, uid: 0, gid: 5 }]);
    expect(linux.resources).toMatchObject({
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 1, minor: 3, access: 'rw' },
      ],
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1000 }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 50 }],
      },
      pids: { limit: 10 },
    });
    expect(mounts.slice(-4).map(({ destination, options }) => `${destination} ${options.at(-1)}`)).toEqual([
      '/dev/guesthouse-init ro',
      '/t size=128m',
      '/data ro',
      '/data/deep size=16m',
    ]);
    const bound = buildBundle({ ...asked, makesNodes: false });
    expect(bound.linux.devices).toBeUndefined();
    expect(bound.mounts.at(-1)).toMatchObject({ source: '/dev/x', destination: '/dev/y', type: 'bind' });
  });

  it('has no tty group where ids are few', () => {
    const pts = buildBundle({ ...request, manyIds: false }).mounts.find(
      ({ destination }) => destination === '/dev/pts',
    );
    expect(pts?.options).not.toContain('gid=5');
  });

  it('never asks for less processor time than the kernel grants', () => {
    const limits = { cpus: 0.001, memoryMib: 16, pids: 1, swap: false, io: null };
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
    const none = { entrypoint: null, user: null, workingDir: null };
    expect(asAsked(none, image)).toEqual(image);
    const other = asAsked({ entrypoint: ['/mine'], user: '7', workingDir: '/w' }, image);
    expect(other).toMatchObject({ user: '7', workingDir: '/w' });
    expect(commandOf({ command: null }, other)).toEqual(['/mine']);
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
    const asked = rightsOf(
      { capabilities: { add: ['NET_RAW'], drop: ['ALL'] }, noNewPrivileges: true, ulimits: [] },
      null,
    );
    expect(processSpec({ ...processRequest, identity, rights: asked })).toMatchObject({
      noNewPrivileges: true,
      capabilities: { bounding: ['CAP_NET_RAW'], effective: ['CAP_NET_RAW'], ambient: ['CAP_NET_RAW'] },
    });
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
