import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { House } from '../../networks/house.ts';
import { beginConmon, conmonArgv } from './conmon.ts';
import { lastBytes } from './endpoint.ts';

const request = {
  conmonPath: '/usr/bin/conmon',
  runtimePath: '/usr/sbin/runc',
  runtimeArgs: [],
  runtimeRoot: '/run/g/runtime',
  containerId: '0123456789ab',
  folder: '/run/g/0123456789ab',
  logPath: '/h/guests/0123456789ab/console.log',
  logMaxBytes: 1024,
  tty: true,
  keepInput: true,
  noSyncLog: true,
  execSpec: null,
};

it('holds a container with a terminal', () => {
  expect(conmonArgv(request).join(' ')).toBe(
    '/usr/bin/conmon --api-version 1 --cid 0123456789ab --cuuid 0123456789ab --name 0123456789ab ' +
      '--runtime /usr/sbin/runc --runtime-arg=--root=/run/g/runtime --bundle /run/g/0123456789ab --full-attach ' +
      '--container-pidfile /run/g/0123456789ab/pid --conmon-pidfile /run/g/0123456789ab/conmon.pid ' +
      '--exit-dir /run/g/0123456789ab --log-path k8s-file:/h/guests/0123456789ab/console.log --log-size-max 1024 ' +
      '--log-level error --stdin --terminal --leave-stdin-open --no-sync-log',
  );
});

it('runs a further program without one', () => {
  const argv = conmonArgv({
    ...request,
    tty: false,
    keepInput: false,
    noSyncLog: false,
    execSpec: '/run/g/x/process.json',
  });
  expect(argv.slice(argv.indexOf('--stdin'))).toEqual([
    '--stdin',
    '--exec',
    '--exec-attach',
    '--exec-process-spec',
    '/run/g/x/process.json',
  ]);
});

it.each([
  ['before it is let go', null],
  ['while an attach is waited for', '/run/g/x/process.json'],
])('says why conmon ended %s', { timeout: 10_000 }, async (_, execSpec) => {
  const folder = mkdtempSync(join(tmpdir(), 'conmon-'));
  const conmonPath = join(folder, 'conmon');
  writeFileSync(conmonPath, '#!/bin/sh\necho "no working directory" >&2\nexit 1\n');
  chmodSync(conmonPath, 0o755);
  const house = { inside: () => ({ words: () => [], spawn: null }) } as unknown as House;
  try {
    const conmon = beginConmon(house, { ...request, conmonPath, folder, execSpec });
    await new Promise((resolve) => setTimeout(resolve, 200)); // it is gone before `go`
    expect(await conmon.go({ timeoutMs: 60_000, signal: null, onAttachable: null })).toEqual({
      ok: false,
      status: -1,
      message: 'no working directory',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('the last bytes of pieces keep their channel', () => {
  const pieces = [
    { bytes: Buffer.from('abc'), channel: 'stdout' as const },
    { bytes: Buffer.from('de'), channel: 'stderr' as const },
  ];
  const told = (maxBytes: number) => lastBytes(pieces, maxBytes).map(({ bytes, channel }) => `${channel} ${bytes}`);
  expect(told(9)).toEqual(['stdout abc', 'stderr de']);
  expect(told(3)).toEqual(['stdout c', 'stderr de']);
  expect(told(1)).toEqual(['stderr e']);
  expect(told(0)).toEqual([]);
});
