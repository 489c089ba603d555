import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { GuestSpec } from '../../../engine/contract/guest.ts';
import { AUTO_MACHINE } from '../../../engine/contract/machine.ts';
import { duration, moment, size } from '../../../engine/notation/quantity.ts';
import { parseLeading } from '../args.ts';
import { parseEnvFile } from './environment.ts';
import { guestChange } from './guest-change.ts';
import { GUEST_OPTIONS } from './guest-options.ts';
import { friendlyName } from './names.ts';

/** Fields of a guest these words ask for. */
const change = (...words: string[]) =>
  guestChange(parseLeading([...words, 'IMAGE'], { ...GUEST_OPTIONS, isolation: { type: 'string' } }).values);

describe('every field a person sets', () => {
  test.each([
    [['--cpus', '1.5', '-m', '512m'], { cpus: 1.5, memoryMib: 512 }],
    [['--memory', '64'], { memoryMib: 64 }],
    [['--memory', '1.5g', '--disk', '8g'], { memoryMib: 1536, diskGib: 8 }],
    [['-p', '8080:80'], { ports: [{ hostIp: '127.0.0.1', hostPort: 8080, guestPort: 80, protocol: 'tcp' }] }],
    [['-p', '80'], { ports: [{ hostIp: '127.0.0.1', hostPort: 0, guestPort: 80, protocol: 'tcp' }] }],
    [['-p', '0.0.0.0:53:5353/udp'], { ports: [{ hostIp: '0.0.0.0', hostPort: 53, guestPort: 5353, protocol: 'udp' }] }],
    [['-p', '[::1]:8080:80'], { ports: [{ hostIp: '::1', hostPort: 8080, guestPort: 80, protocol: 'tcp' }] }],
    [['-p', '127.0.0.1::80'], { ports: [{ hostIp: '127.0.0.1', hostPort: 0, guestPort: 80, protocol: 'tcp' }] }],
    [
      ['-p', '9000-9001:80-81'],
      {
        ports: [
          { hostIp: '127.0.0.1', hostPort: 9000, guestPort: 80, protocol: 'tcp' },
          { hostIp: '127.0.0.1', hostPort: 9001, guestPort: 81, protocol: 'tcp' },
        ],
      },
    ],
    [['-v', 'data:/var/lib:ro'], { mounts: [{ source: 'data', target: '/var/lib', readOnly: true }] }],
    [['-v', '/srv:/srv:rw,U'], { mounts: [{ source: '/srv', target: '/srv', readOnly: false, owned: true }] }],
    [
      ['--tmpfs', '/run', '--tmpfs', '/tmp:size=64m'],
      {
        tmpfs: [
          { target: '/run', sizeMib: null },
          { target: '/tmp', sizeMib: 64 },
        ],
      },
    ],
    [['--device', '/dev/fuse'], { devices: [{ source: '/dev/fuse', target: '/dev/fuse', access: 'rwm' }] }],
    [['--device', '/dev/a:/dev/b:r'], { devices: [{ source: '/dev/a', target: '/dev/b', access: 'r' }] }],
    [['--device', '/dev/a:rw'], { devices: [{ source: '/dev/a', target: '/dev/a', access: 'rw' }] }],
    [['--cap-add', 'CAP_NET_ADMIN', '--cap-drop', 'all'], { capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } }],
    [
      ['--security-opt', 'no-new-privileges', '--security-opt', 'seccomp=unconfined'],
      { noNewPrivileges: true, seccomp: 'unconfined' },
    ],
    [
      ['--security-opt', 'no-new-privileges:false', '--security-opt', 'seccomp=/a.json'],
      { noNewPrivileges: false, seccomp: '/a.json' },
    ],
    [
      ['--ulimit', 'nofile=1024:2048', '--ulimit', 'core=unlimited'],
      {
        ulimits: [
          { name: 'nofile', soft: 1024, hard: 2048 },
          { name: 'core', soft: -1, hard: -1 },
        ],
      },
    ],
    [['--pids-limit', '100'], { pidsLimit: 100 }],
    [
      ['--device-read-bps', '10m', '--device-write-iops', '100'],
      {
        io: {
          readBytesPerSecond: 10 * 2 ** 20,
          writeBytesPerSecond: null,
          readOpsPerSecond: null,
          writeOpsPerSecond: 100,
        },
      },
    ],
    [
      ['--health-cmd', 'test -e /ok', '--health-interval', '500ms'],
      {
        health: {
          command: ['/bin/sh', '-c', 'test -e /ok'],
          intervalMs: 500,
          timeoutMs: 30_000,
          startPeriodMs: 0,
          retries: 3,
        },
      },
    ],
    [
      ['--no-healthcheck'],
      { health: { command: [], intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 } },
    ],
    [['--restart', 'on-failure:3'], { restart: { when: 'on-failure', maxRetries: 3 } }],
    [['--restart', 'unless-stopped'], { restart: { when: 'unless-stopped', maxRetries: null } }],
    [['--stop-signal', 'quit', '--stop-timeout', '1.5'], { stopSignal: 'SIGQUIT', stopGraceMs: 1500 }],
    [['--stop-signal', '9'], { stopSignal: 'SIGKILL' }],
    [['-l', 'a=b=c', '--label', 'flag', '--rm'], { labels: { a: 'b=c', flag: '' }, disposable: true }],
    [
      ['--network', 'front', '--network', 'back', '--network-alias', 'db'],
      { network: 'front', moreNetworks: ['back'], aliases: ['db'] },
    ],
    [['--mac-address', '52:54:00:12:34:56'], { macAddress: '52:54:00:12:34:56' }],
    [['--mac-address', 'auto'], { macAddress: null }],
    [['--entrypoint', ''], { entrypoint: [] }],
    [['--entrypoint', '["a","b c"]'], { entrypoint: ['a', 'b c'] }],
    [
      ['-u', '1000:1000', '-w', '/srv', '-h', 'box', '-t', '--init', '--read-only'],
      { user: '1000:1000', workingDir: '/srv', hostname: 'box', tty: true, init: true, readOnlyRoot: true },
    ],
    [['--no-tty'], { tty: false }],
    [[], {}],
  ])('%j', (words, expected) => expect(change(...words)).toEqual(expected));

  it('takes the environment from files first, then from options', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gh-env-'));
    try {
      const file = join(folder, 'env');
      writeFileSync(file, '# comment\nA=1\nB="quoted" \n\nGH_NOT_SET_HERE\n');
      expect(change('-e', 'A=2', '--env-file', file)).toEqual({ env: { A: '2', B: '"quoted" ' } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a bad value', () => {
  test.each([
    ['--memory', 'lots'],
    ['--memory', '-1'],
    ['--cpus', 'two'],
    ['-p', 'eighty'],
    ['-p', '1-3:1-2'],
    ['-p', '80:80/sctp'],
    ['-v', '/only'],
    ['-v', 'a:b'],
    ['-v', 'a:/b:rx'],
    ['--tmpfs', 'run'],
    ['--tmpfs', '/run:mode=7777'],
    ['--device', 'fuse'],
    ['--ulimit', 'nofile'],
    ['--pids-limit', '0'],
    ['--device-read-bps', '/dev/sda:1m'],
    ['--health-interval', '30s'],
    ['--health-cmd=x', '--health-interval=soon'],
    ['--restart', 'sometimes'],
    ['--stop-signal', 'SIGNOPE'],
    ['--stop-timeout', 'soon'],
    ['--security-opt', 'apparmor=x'],
    ['--entrypoint', '[1]'],
    ['-e', '=x'],
    ['--cap-add', 'NET ADMIN'],
    ['--env-file', '/no/such/file'],
  ])('%s %s is one error that names the option', (option, value) => {
    const long: Record<string, string> = { '-p': '-p', '-v': '-v', '-e': '-e' };
    const words = value.startsWith('--') || option.includes('=') ? [option, value] : [`${option}`, value];
    const named = long[option] ?? (option.split('=')[0] === '--health-cmd' ? '--health-interval' : option);
    expect(() => change(...words)).toThrow(named);
  });
});

describe('what follows the image is the guest’s', () => {
  const split = (...words: string[]) => {
    const { values, names, command } = parseLeading(words, {
      tty: { type: 'boolean', short: 't' },
      env: { type: 'string', short: 'e', multiple: true },
    });
    return [values, names, command];
  };
  test.each([
    [
      ['-t', 'busybox', 'ls', '-t'],
      [{ tty: true }, ['busybox'], ['ls', '-t']],
    ],
    [
      ['-e', 'A=1', 'busybox', 'sh', '-c', 'a -- b', '--', 'x'],
      [{ env: ['A=1'] }, ['busybox'], ['sh', '-c', 'a -- b', '--', 'x']],
    ],
    [
      ['busybox', '--', 'ls'],
      [{}, ['busybox'], ['ls']],
    ],
    [
      ['busybox', '-t', '--', 'ls'],
      [{ tty: true }, ['busybox'], ['ls']],
    ],
    [['busybox'], [{}, ['busybox'], null]],
  ])('%j', (words, expected) => expect(split(...words)).toEqual(expected));

  it('refuses options it does not know', () => {
    expect(() => split('--privileged', 'busybox')).toThrow('--privileged');
  });
});

describe('quantities', () => {
  test.each([
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['2', 2000],
    ['1.5h', 5_400_000],
  ])('%s is a duration', (text, ms) => expect(duration(text, '--x')).toBe(ms));
  test.each(['', '1 s', '-1s', 's', '1d', '1s1'])('%j is none', (text) =>
    expect(() => duration(text, '--x')).toThrow('--x'),
  );
  test.each([
    ['512', 512],
    ['1k', 1024],
    ['1KB', 1024],
    ['1.5GiB', 1.5 * 2 ** 30],
  ])('%s is a size', (text, bytes) => expect(size(text, '--x')).toBe(bytes));
  it('reads moments', () => {
    expect(moment('10m', '--since', 1_000_000)).toBe(400_000);
    expect(moment('1700000000', '--since')).toBe(1_700_000_000_000);
    expect(moment('2026-01-31T12:00:00Z', '--since')).toBe(Date.UTC(2026, 0, 31, 12));
    expect(() => moment('yesterday', '--since')).toThrow('--since');
  });
});

it('says which line of an env file is wrong', () => {
  expect(() => parseEnvFile('A=1\nno good=x\n', 'env')).toThrow('Line 2 of env');
  expect(parseEnvFile('A\nB\n', 'env', { B: 'here' })).toEqual({ B: 'here' });
});

it('gives the same first name to the same image, and another when it is taken', () => {
  const first = friendlyName('busybox', () => false);
  expect(first).toMatch(/^[a-z]+-[a-z]+$/);
  expect(friendlyName('busybox', () => false)).toBe(first);
  expect(friendlyName('busybox', (name) => name === first)).not.toBe(first);
});

test('hardware: what was named goes over what holds', () => {
  const asked = change('--firmware', 'uefi', '--tpm', '--qemu-arg=-device', '--qemu-arg', 'edu').machine;
  expect(asked).toEqual({ ...AUTO_MACHINE, firmware: 'uefi', tpm: true, extraArgs: ['-device', 'edu'] });
  const now = { machine: { ...AUTO_MACHINE, system: 'windows', tpm: true } } as GuestSpec;
  expect(guestChange({ 'no-tpm': true }, now).machine).toEqual({ ...AUTO_MACHINE, system: 'windows' });
  expect(change().machine).toBeUndefined();
  expect(() => change('--firmware', 'coreboot')).toThrow('--firmware has no "coreboot".');
});
