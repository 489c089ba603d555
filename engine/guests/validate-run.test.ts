import { describe, expect, test } from 'vitest';
import { fakeImage } from '../../test/fakes/images.ts';
import type { GuestSpec } from '../contract/guest.ts';
import { withDefaults } from './defaults.ts';
import { validateRun } from './validate-run.ts';

const problems = (change: Partial<GuestSpec>, kind: 'rootfs' | 'disk' = 'rootfs') => {
  const found: string[] = [];
  const spec = { ...withDefaults({ name: 'web', isolation: 'container', image: 'busybox' }, 'rootfs'), ...change };
  const image = fakeImage('busybox:latest', kind);
  validateRun(spec, { memoryMib: 4096, image }, (field, { code, message, hint }) => {
    expect(message).toMatch(/^[^\n]{1,160}[.]$/);
    expect(hint).toMatch(/[.]$/);
    found.push(`${field} ${code}`);
  });
  return found;
};
const mount = (target: string) => ({ source: '/a', target, readOnly: false });
const NO_IO = { readBytesPerSecond: null, writeBytesPerSecond: null, readOpsPerSecond: null, writeOpsPerSecond: null };
const device = (change: object) => ({
  devices: [{ source: '/dev/fuse', target: '/dev/fuse', access: 'rwm', ...change }],
});
const ulimit = (change: object) => ({ name: 'nofile', soft: 1, hard: 2, ...change });

describe('a container', () => {
  test.each<[Partial<GuestSpec>]>([
    [{}],
    [{ entrypoint: [], user: '1000:1000', workingDir: '/srv', hostname: 'a-1.example.org', stopSignal: 'SIGRTMIN+3' }],
    [{ user: 'www-data' }],
    [{ user: 'machine$:users' }],
    [
      {
        tmpfs: [
          { target: '/tmp', sizeMib: 4096 },
          { target: '/dev/shm', sizeMib: null },
        ],
      },
    ],
    [{ mounts: [mount('/a'), mount('/a/b')], tmpfs: [{ target: '/a/c', sizeMib: null }] }],
    [device({})],
    [device({ access: 'r' })],
    [{ capabilities: { add: ['net_raw', 'CAP_SYS_ADMIN'], drop: ['ALL'] } }],
    [{ seccomp: 'unconfined', noNewPrivileges: true, init: true, tty: false, readOnlyRoot: true }],
    [{ seccomp: '/etc/profile.json' }],
    [{ ulimits: [ulimit({ hard: -1 }), ulimit({ name: 'core', soft: 0, hard: 0 })], pidsLimit: 1 }],
    [{ io: { ...NO_IO, readOpsPerSecond: 1 } }],
    [{ labels: { 'org.example/a': '' } }],
  ])('may have %j', (change) => {
    expect(problems(change)).toEqual([]);
  });

  test.each<[Partial<GuestSpec>, string[]]>([
    [{ entrypoint: [''] }, ['entrypoint invalid']],
    [{ entrypoint: ['a\0'] }, ['entrypoint invalid']],
    [{ user: '' }, ['user invalid']],
    [{ user: 'a:b:c' }, ['user invalid']],
    [{ user: 'a b' }, ['user invalid']],
    [{ user: '../x' }, ['user invalid']],
    [{ user: '4294967295' }, ['user invalid']],
    [{ user: ':1' }, ['user invalid']],
    [{ workingDir: '' }, ['workingDir invalid']],
    [{ workingDir: 'srv' }, ['workingDir invalid']],
    [{ workingDir: '/a/../b' }, ['workingDir invalid']],
    [{ workingDir: '//proc/self/fd/7' }, ['workingDir invalid']],
    [{ workingDir: '/a\nb' }, ['workingDir invalid']],
    [{ hostname: '' }, ['hostname invalid']],
    [{ hostname: 'a_b' }, ['hostname invalid']],
    [{ hostname: '-a' }, ['hostname invalid']],
    [{ hostname: 'a..b' }, ['hostname invalid']],
    [{ hostname: 'x'.repeat(64) }, ['hostname invalid']],
    [{ hostname: 'a\n127.0.0.1 evil' }, ['hostname invalid']],
    [{ stopSignal: 'SIGNOTHING' }, ['stopSignal invalid']],
    [{ tmpfs: [{ target: '/', sizeMib: 1 }] }, ['tmpfs.0.target invalid']],
    [{ tmpfs: [{ target: '/a/../b', sizeMib: 1 }] }, ['tmpfs.0.target invalid']],
    [{ tmpfs: [{ target: '/a', sizeMib: 0 }] }, ['tmpfs.0.sizeMib invalid']],
    [{ tmpfs: [{ target: '/a', sizeMib: 1.5 }] }, ['tmpfs.0.sizeMib invalid']],
    [{ tmpfs: [{ target: '/a', sizeMib: 4097 }] }, ['tmpfs.0.sizeMib invalid']],
    [{ tmpfs: [{ target: '/proc/x', sizeMib: null }] }, ['tmpfs.0.target invalid']],
    [{ mounts: [mount('/sys//fs')] }, ['mounts.0.target invalid']],
    [{ mounts: [mount('/dev')] }, ['mounts.0.target invalid']],
    [{ mounts: [mount('/a'), mount('/a/')] }, ['mounts.1.target conflict']],
    [{ mounts: [mount('/a')], tmpfs: [{ target: '//a', sizeMib: null }] }, ['tmpfs.0.target conflict']],
    [device({ source: 'fuse' }), ['devices.0.source invalid']],
    [device({ target: '/tmp/fuse' }), ['devices.0.target invalid']],
    [device({ access: '' }), ['devices.0.access invalid']],
    [device({ access: 'rr' }), ['devices.0.access invalid']],
    [device({ access: 'x' }), ['devices.0.access invalid']],
    [{ capabilities: { add: ['FLY'], drop: [] } }, ['capabilities.add invalid']],
    [{ capabilities: { add: [], drop: ['__proto__'] } }, ['capabilities.drop invalid']],
    [{ capabilities: { add: ['CHOWN'], drop: ['CAP_CHOWN'] } }, ['capabilities invalid']],
    [{ seccomp: 'none' }, ['seccomp invalid']],
    [{ seccomp: '/a/../b' }, ['seccomp invalid']],
    [{ ulimits: [ulimit({ name: 'files' })] }, ['ulimits.0.name invalid']],
    [{ ulimits: [ulimit({ name: 'constructor' })] }, ['ulimits.0.name invalid']],
    [{ ulimits: [ulimit({}), ulimit({})] }, ['ulimits.1.name invalid']],
    [{ ulimits: [ulimit({ soft: 3 })] }, ['ulimits.0 invalid']],
    [{ ulimits: [ulimit({ soft: -1 })] }, ['ulimits.0 invalid']],
    [{ ulimits: [ulimit({ soft: -2 })] }, ['ulimits.0 invalid']],
    [{ ulimits: [ulimit({ hard: 1e300 })] }, ['ulimits.0 invalid']],
    [{ pidsLimit: 0 }, ['pidsLimit invalid']],
    [{ pidsLimit: Number.NaN }, ['pidsLimit invalid']],
    [{ labels: { '': 'x' } }, ['labels invalid']],
    [{ labels: { 'a=b': 'x' } }, ['labels invalid']],
  ])('cannot have %j', (change, expected) => {
    expect(problems(change)).toEqual(expected);
  });
});

describe('a machine', () => {
  const machine = { isolation: 'vm' } as const;

  test('may have what its own system is told', () => {
    const change = { user: 'web', workingDir: '/srv', hostname: 'inn', entrypoint: ['/x'], labels: { a: 'b' } };
    expect(problems({ ...machine, ...change })).toEqual([]);
    const off = { command: [], intervalMs: 0, timeoutMs: 0, startPeriodMs: 0, retries: 0 };
    expect(problems({ ...machine, health: off })).toEqual([]);
    expect(problems({ ...machine, ...change }, 'disk')).toEqual(
      ['entrypoint', 'user', 'workingDir', 'hostname'].map((field) => `${field} unsupported`),
    );
  });

  test.each<[string, Partial<GuestSpec>]>([
    ['capabilities', { capabilities: { add: ['CHOWN'], drop: [] } }],
    ['seccomp', { seccomp: 'unconfined' }],
    ['noNewPrivileges', { noNewPrivileges: true }],
    ['ulimits', { ulimits: [ulimit({})] }],
    ['pidsLimit', { pidsLimit: 7 }],
    ['devices', device({})],
    ['tmpfs', { tmpfs: [{ target: '/tmp', sizeMib: null }] }],
    ['readOnlyRoot', { readOnlyRoot: true }],
    ['init', { init: true }],
    ['tty', { tty: false }],
    ['stopSignal', { stopSignal: 'SIGTERM' }],
    ['health', { health: { command: ['true'], intervalMs: 1, timeoutMs: 1, startPeriodMs: 0, retries: 1 } }],
    ['mounts.0.owned', { mounts: [{ ...mount('/a'), owned: true }] }],
  ])('has no %s', (field, change) => {
    expect(problems({ ...machine, ...change })).toEqual([`${field} unsupported`]);
  });
});
