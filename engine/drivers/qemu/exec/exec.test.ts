import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RUN_DEFAULTS } from '../../../guests/run-defaults.ts';
import type { ExecRequest } from '../../driver.ts';
import { sessionHistory } from './history.ts';
import { createMarkReader, type Piece } from './marks.ts';
import { portsOf } from './ports.ts';
import { openingOf, renderExec } from './request.ts';

const TOKEN = '00112233445566778899aabbccddeeff';

function read(pieces: readonly Uint8Array[]): { output: string; marks: string[] } {
  const reader = createMarkReader(TOKEN);
  const all: Piece[] = pieces.flatMap((piece) => reader.push(piece));
  return {
    output: Buffer.concat(all.flatMap((one) => (one.kind === 'output' ? [Buffer.from(one.bytes)] : []))).toString(
      'latin1',
    ),
    marks: all.flatMap((one) => (one.kind === 'mark' ? [one.words] : [])),
  };
}

test('marks are told from output, however the bytes are cut', () => {
  const mark = (words: string) => `\0guesthouse ${TOKEN} ${words}\n`;
  const near = ['\0', '\0guest', `\0guesthouse ${TOKEN.slice(0, 31)}0 end 0\n`, '\0\0', 'end 1\n'];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...near), fc.string({ maxLength: 20 }))),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (parts, cuts) => {
        const output = parts.join('').replaceAll(/[^\0-\xff]/g, '');
        const bytes = Buffer.from(`${mark('up')}${output}${mark('end 7')}`, 'latin1');
        const pieces: Buffer[] = [];
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const size = cuts[n % cuts.length] as number;
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(read(pieces)).toEqual({ output, marks: ['up', 'end 7'] });
      },
    ),
  );
});

test('an endless mark is output, and output is not held back', () => {
  const long = `\0guesthouse ${TOKEN} ${'x'.repeat(500)}`;
  expect(read([Buffer.from(long), Buffer.from('\n')])).toEqual({ output: `${long}\n`, marks: [] });
  const reader = createMarkReader(TOKEN);
  expect(reader.push(Buffer.from('prompt$ '))).toHaveLength(1);
  expect(reader.push(Buffer.from('\0'))).toHaveLength(0);
});

const IMAGE = {
  entrypoint: ['/entry'],
  cmd: ['serve'],
  env: ['PATH=/usr/bin:/bin', 'A=image'],
  workingDir: '/srv',
  user: 'web',
  exposedPorts: [],
  volumes: [],
  stopSignal: null,
  health: null,
  labels: {},
};
const SPEC = { ...RUN_DEFAULTS, name: 'a', env: { B: 'guest' } } as unknown as Parameters<typeof renderExec>[0];
const REQUEST: ExecRequest = { command: ['sh', '-c', 'x'], tty: false, columns: 0, rows: 0, user: null, env: [] };

/** The words that the shell makes of a fragment; `echo` in the place of what it would become. */
function words(fragment: string): string[] {
  const script = `find_program() { echo "$1"; }\n${fragment}\nshell=/bin/sh OWN=/own\n`;
  const shown = `${script.replace('exec "$OWN/busybox" env', 'printf "%s\\n" "$user" "$directory"')}command_line 0:0 /home/x\n`;
  return execFileSync('/bin/sh', ['-c', shown]).toString().trimEnd().split('\n');
}

test('a program has the environment of its guest, what is asked over it, and no entrypoint', () => {
  expect(words(renderExec(SPEC, IMAGE, { ...REQUEST, env: ["A=it's"], user: '7' }))).toEqual([
    '7',
    '/srv',
    '-i',
    'HOME=/home/x',
    'PATH=/usr/bin:/bin',
    "A=it's",
    'B=guest',
    'sh',
    '-c',
    'x',
  ]);
  const shell = words(renderExec(SPEC, IMAGE, { ...REQUEST, command: [], tty: true, workingDir: '/w' }));
  expect(shell.slice(0, 2)).toEqual(['web', '/w']);
  expect(shell).toContain('TERM=xterm-256color');
  expect(shell.at(-1)).toBe('/bin/sh');
  expect(words(renderExec(SPEC, IMAGE, { ...REQUEST, command: [], borrowed: true })).slice(-1)).toEqual([
    '/dev/.guesthouse/bin/sh',
  ]);
  expect(() => renderExec(SPEC, IMAGE, { ...REQUEST, env: ['=x'] })).toThrow();
});

test('the guest is told what it has to read', () => {
  const opening = openingOf(TOKEN, { ...REQUEST, tty: true, columns: 99_999, rows: 0 }, 'ä\n').toString();
  expect(opening).toBe(`${TOKEN} tty 1000 24 3\nä\n`);
  expect(portsOf('01234567', true).map(({ guestName }) => guestName)).toEqual(['guesthouse.session.01234567']);
  expect(portsOf('01234567', false)).toHaveLength(2);
});

test('a history keeps the last of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-history-'));
  try {
    const history = sessionHistory(join(folder, 'log'));
    expect(history.read(10)).toHaveLength(0);
    for (let n = 0; n < 40; n++) history.add(Buffer.alloc(100_000, n));
    const kept = history.read(10 * 1024 * 1024);
    expect(kept.length).toBeLessThanOrEqual(1024 * 1024);
    expect(kept.at(-1)).toBe(39);
    expect(history.read(5)).toHaveLength(5);
    history.remove();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
