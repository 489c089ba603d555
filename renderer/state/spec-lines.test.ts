import { expect, test } from 'vitest';
import { AUTO_MACHINE, type GuestSpec } from '../../engine/contract/index.ts';
import { difference, SpecForm } from './spec-form.svelte.ts';
import {
  capabilitiesOf,
  deviceLine,
  deviceOf,
  recordOf,
  tmpfsLine,
  tmpfsOf,
  ulimitLine,
  ulimitOf,
} from './spec-lines.ts';

test('lines become values and come back', () => {
  expect(recordOf(['A=1', '', 'B', 'C=x=y'])).toEqual({ A: '1', B: '', C: 'x=y' });
  expect(tmpfsOf('/run')).toEqual({ target: '/run', sizeMib: null });
  expect(tmpfsOf('/run:size=1g')).toEqual({ target: '/run', sizeMib: 1024 });
  expect(tmpfsLine(tmpfsOf('/tmp:64m'))).toBe('/tmp:size=64m');
  expect(capabilitiesOf('net_admin, CAP_SYS_PTRACE')).toEqual(['NET_ADMIN', 'SYS_PTRACE']);
  for (const line of ['/dev/fuse', '/dev/a:/dev/b', '/dev/a:/dev/b:rw', '/dev/a:r'])
    expect(deviceLine(deviceOf(line))).toBe(line);
  expect(deviceOf('/dev/a:r')).toEqual({ source: '/dev/a', target: '/dev/a', access: 'r' });
  for (const line of ['nofile=1024', 'nofile=1:2']) expect(ulimitLine(ulimitOf(line))).toBe(line);
  expect(ulimitOf('core=unlimited')).toEqual({ name: 'core', soft: -1, hard: -1 });
  expect(ulimitOf('what is this')).toEqual({ name: 'what is this', soft: 0, hard: 0 });
});

test('what nobody touched comes out as it went in', () => {
  const spec = {
    network: 'backend',
    ports: [{ hostIp: '::1', hostPort: 80, guestPort: 80, protocol: 'udp' }],
    mounts: [{ source: 'data', target: '/data', readOnly: false, owned: true }],
    env: { B: '2', A: 'x=y' },
    labels: { project: 'shop' },
    tmpfs: [{ target: '/run', sizeMib: null }],
    command: ['sh', '-c', "echo 'a b'"],
    entrypoint: [],
    user: '1000:1000',
    workingDir: '/srv',
    hostname: null,
    readOnlyRoot: true,
    init: true,
    capabilities: { add: [], drop: ['ALL'] },
    restart: { when: 'on-failure', maxRetries: 3 },
    health: { command: ['wget', '-q', 'http://a b'], intervalMs: 1500, timeoutMs: 1000, startPeriodMs: 0, retries: 1 },
    stopGraceMs: 2500,
    moreNetworks: ['front'],
    aliases: ['db', 'data'],
    tty: false,
    noNewPrivileges: true,
    disposable: true,
    seccomp: '/etc/profile.json',
    stopSignal: 'SIGQUIT',
    devices: [{ source: '/dev/fuse', target: '/dev/fuse', access: 'rw' }],
    ulimits: [{ name: 'nofile', soft: 10, hard: -1 }],
    pidsLimit: 100,
    io: { readBytesPerSecond: 1_000_001, writeBytesPerSecond: null, readOpsPerSecond: 7, writeOpsPerSecond: null },
    machine: { ...AUTO_MACHINE, tpm: true, extraArgs: ['-device', 'edu'] },
  } as unknown as GuestSpec;
  const form = new SpecForm();
  form.fill(spec);
  expect(difference(spec, form.options())).toEqual({});
  form.env.push('C=3');
  form.healthCommand = 'true';
  expect(difference(spec, form.options())).toMatchObject({
    env: { A: 'x=y', B: '2', C: '3' },
    health: { command: ['/bin/sh', '-c', 'true'] },
  });
});

test('a form nobody touched asks for nothing', () => {
  const form = new SpecForm();
  expect(form.chosen()).toEqual({});
  form.restart = 'always';
  form.user = '1000';
  expect(form.chosen()).toEqual({ restart: { when: 'always', maxRetries: null }, user: '1000' });
  form.clear();
  expect(form.chosen()).toEqual({});
});
