import { describe, expect, test } from 'vitest';
import { fakeImage } from '../../test/fakes/images.ts';
import type { GuestSpec } from '../contract/guest.ts';
import { withDefaults } from './defaults.ts';
import { type Surroundings, validate } from './validate.ts';

const around: Surroundings = {
  cpus: 4,
  memoryMib: 8000,
  capability: undefined,
  image: fakeImage('busybox:latest'),
  takenNames: new Set(['taken']),
  takenPorts: new Map([['tcp 8080 127.0.0.1', 'taken']]),
};
const spec = (change: Partial<GuestSpec> = {}): GuestSpec => ({
  ...withDefaults({ name: 'web', isolation: 'container', image: 'busybox' }, 'rootfs'),
  ...change,
});
const problems = (change: Partial<GuestSpec>, surroundings: Partial<Surroundings> = {}) =>
  validate(spec(change), { ...around, ...surroundings }).map(({ field, error }) => `${field} ${error.code}`);
const port = (hostPort: number, hostIp = '127.0.0.1', guestPort = 80) => ({
  hostIp,
  hostPort,
  guestPort,
  protocol: 'tcp' as const,
});

test('a plain spec has no problem', () => {
  expect(validate(spec(), around)).toEqual([]);
});

describe('names', () => {
  test.each(['', 'a/b', '..', '.hidden', 'a,b', 'a\nb', 'a b', '-x', 'é', 'x'.repeat(300)])('%j is refused', (name) => {
    expect(problems({ name })).toEqual(['name invalid']);
  });
  test.each(['a', 'A1', 'web_1.two-three', 'x'.repeat(63)])('%j is fine', (name) => {
    expect(problems({ name })).toEqual([]);
  });
  test('one that is taken is a conflict', () => {
    expect(problems({ name: 'taken' })).toEqual(['name conflict']);
  });
  test('a hostile name does not make a long message', () => {
    expect(validate(spec({ name: 'x\n'.repeat(9999) }), around)[0]?.error.message.length).toBeLessThan(150);
  });
});

describe('resources', () => {
  test.each([
    [{ memoryMib: 9000 }, 'memoryMib resources'],
    [{ memoryMib: 1 }, 'memoryMib invalid'],
    [{ memoryMib: Number.NaN }, 'memoryMib invalid'],
    [{ cpus: 5 }, 'cpus resources'],
    [{ cpus: 0 }, 'cpus invalid'],
    [{ cpus: Number.POSITIVE_INFINITY }, 'cpus invalid'],
    [{ isolation: 'vm' as const, cpus: 1.5 }, 'cpus invalid'],
    [{ isolation: 'vm' as const, diskGib: 0 }, 'diskGib invalid'],
    [{ diskGib: 3 }, 'diskGib invalid'],
  ])('%j: %s', (change, expected) => {
    expect(problems(change)).toEqual([expected]);
  });
});

describe('what it starts from', () => {
  test('an unknown image', () =>
    expect(problems({ image: 'nope' }, { image: undefined })).toEqual(['image not-found']));
  test('a container from an ISO', () =>
    expect(problems({}, { image: fakeImage('x:latest', 'iso') })).toEqual(['image invalid']));
  test('a machine from nothing', () =>
    expect(problems({ isolation: 'vm', image: null }, { image: null })).toEqual(['image invalid']));
  test('an isolation that is not possible here', () => {
    const capability = {
      isolation: 'vm',
      possible: false,
      reason: 'QEMU is not installed.',
      fix: 'Install it.',
      engine: null,
      notes: [],
    } as const;
    expect(validate(spec({ isolation: 'vm' }), { ...around, capability })).toEqual([
      {
        field: 'isolation',
        error: { code: 'unsupported', message: 'QEMU is not installed.', hint: 'Install it.', subject: 'isolation' },
      },
    ]);
  });
});

describe('ports, folders, environment, command', () => {
  test.each([
    [{ ports: [port(8080)] }, ['ports.0.hostPort conflict']],
    [{ ports: [port(8080, '0.0.0.0')] }, ['ports.0.hostPort conflict']],
    [{ ports: [port(8080, '127.0.0.2')] }, []],
    [{ ports: [port(9000), port(9000)] }, ['ports.1.hostPort conflict']],
    [{ ports: [port(70_000)] }, ['ports.0.hostPort invalid']],
    [{ ports: [port(0), port(0)] }, []],
    [{ ports: [port(9000, 'localhost')] }, ['ports.0.hostIp invalid']],
    [{ ports: [port(9000, '127.0.0.1', 0)] }, ['ports.0.guestPort invalid']],
    [{ ports: [port(9000)], network: 'none' as const }, ['ports invalid']],
    [{ mounts: [{ source: './relative', target: '/x', readOnly: false }] }, ['mounts.0.source invalid']],
    [{ mounts: [{ source: '/a/../etc', target: '/x', readOnly: false }] }, ['mounts.0.source invalid']],
    [{ mounts: [{ source: '/a', target: '/', readOnly: false }] }, ['mounts.0.target invalid']],
    [{ env: { 'A=B': 'c' } }, ['env invalid']],
    [{ command: [''] }, ['command invalid']],
    [{ command: ['a\0b'] }, ['command invalid']],
  ])('%j', (change, expected) => {
    expect(problems(change)).toEqual(expected);
  });
});
