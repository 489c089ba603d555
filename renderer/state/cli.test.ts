import { expect, test } from 'vitest';
import { AUTO_MACHINE } from '../../engine/contract/index.ts';
import { cliLines, cliText, importText } from './cli.ts';
import { quoteWord, splitWords } from './words-of-line.ts';

test('the line says what the form says', () => {
  expect(
    cliLines({
      name: 'web',
      isolation: 'vm',
      image: 'debian:12',
      cpus: 2,
      memoryMib: 2048,
      diskGib: 20,
      ports: [
        { hostIp: '127.0.0.1', hostPort: 8080, guestPort: 80, protocol: 'tcp' },
        { hostIp: '0.0.0.0', hostPort: 2222, guestPort: 22, protocol: 'tcp' },
      ],
      mounts: [{ source: '/srv/my files', target: '/data', readOnly: true }],
      env: { GREETING: "it's me" },
      command: ['sh', '-c', 'echo hi; sleep 1'],
    }),
  ).toEqual([
    'guesthouse create web',
    '--image debian:12',
    '--isolation vm',
    '--cpus 2 --memory 2048 --disk 20',
    '-p 8080:80',
    '-p 0.0.0.0:2222:22',
    "-v '/srv/my files:/data:ro'",
    "-e 'GREETING=it'\\''s me'",
    "-- sh -c 'echo hi; sleep 1'",
  ]);
});

test('nothing typed yet is still a line', () => {
  expect(cliText({ name: '', isolation: 'container', network: 'none' })).toBe(
    'guesthouse create NAME \\\n  --isolation container \\\n  --network none',
  );
});

test('words are split as a shell would, and quoted back', () => {
  expect(splitWords(`sh -c "echo 'a b'" 'c d' e\\ f ""`)).toEqual(['sh', '-c', "echo 'a b'", 'c d', 'e f', '']);
  expect(splitWords('  ')).toEqual([]);
  for (const word of ['plain', 'two words', "it's", '$HOME `id`', ''])
    expect(splitWords(quoteWord(word))).toEqual([word]);
});

test('the hardware asked for is said, the rest is not', () => {
  const machine = { ...AUTO_MACHINE, firmware: 'uefi', tpm: true, extraArgs: ['-device', 'edu'] } as const;
  expect(cliLines({ name: 'a', isolation: 'vm', machine })).toEqual([
    'guesthouse create a',
    '--isolation vm',
    '--firmware uefi',
    '--tpm',
    '--qemu-arg=-device',
    '--qemu-arg=edu',
  ]);
});

test('rights and limits are said where they are not what everybody gets', () => {
  const draft = {
    name: 'a',
    isolation: 'container',
    network: 'front',
    moreNetworks: ['back'],
    aliases: ['db'],
    macAddress: '52:54:00:12:34:56',
    tty: false,
    devices: [{ source: '/dev/fuse', target: '/dev/fuse', access: 'rw' }],
    ulimits: [{ name: 'nofile', soft: 10, hard: 20 }],
    pidsLimit: 100,
    noNewPrivileges: true,
    seccomp: '/my profile.json',
    io: { readBytesPerSecond: 1024, writeBytesPerSecond: null, readOpsPerSecond: null, writeOpsPerSecond: 5 },
    stopSignal: 'SIGQUIT',
    disposable: true,
  } as const;
  expect(cliLines(draft)).toEqual([
    'guesthouse create a',
    '--isolation container',
    '--network front',
    '--network back',
    '--network-alias db',
    '--mac-address 52:54:00:12:34:56',
    '--no-tty',
    '--device /dev/fuse:rw',
    '--ulimit nofile=10:20',
    '--pids-limit 100',
    '--security-opt no-new-privileges',
    "--security-opt 'seccomp=/my profile.json'",
    '--device-read-bps 1024',
    '--device-write-iops 5',
    '--stop-signal SIGQUIT',
    '--rm',
  ]);
});

test('a first login stands there without its secret', () => {
  const firstLogin = { user: 'ada', password: 'geheim', sshKeys: ['ssh-ed25519 A b'], growDisk: true, userData: '#x' };
  const text = cliText({ name: 'web', isolation: 'vm', image: 'cloud', firstLogin });
  expect(text).toContain("--login ada \\\n  --ask-password \\\n  --ssh-key 'ssh-ed25519 A b' \\\n  --user-data FILE");
  expect(text).not.toContain('geheim');
});

test('a machine’s file is imported, under a name of its own or not', () => {
  expect(importText('/srv/old server.ova', 'mine')).toBe("guesthouse import --name mine '/srv/old server.ova'");
  expect(importText('', '')).toBe('guesthouse import FILE');
});
