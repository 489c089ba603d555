import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GuestSpec } from '../../contract/guest.ts';
import { missingCommand } from './command-lookup.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'root-'));
  mkdirSync(join(root, 'bin/folder'), { recursive: true });
  writeFileSync(join(root, 'bin/program'), '');
  chmodSync(join(root, 'bin/program'), 0o755);
  writeFileSync(join(root, 'bin/plain'), '');
  symlinkSync('/bin/program', join(root, 'bin/link'));
  symlinkSync('/bin/sh', join(root, 'bin/leads-out'));
});
afterAll(() => rmSync(root, { recursive: true }));

const MISSING = 'exec: no such file or directory';
const DENIED = 'exec: permission denied';

it.each([
  ['program', null],
  ['link', null],
  ['/bin/program', null],
  ['./program', null],
  ['/data/tool', null],
  ['leads-out', MISSING],
  ['other', MISSING],
  ['', DENIED],
  ['plain', DENIED],
  ['/bin/folder', DENIED],
])('%j: %j', (command, expected) => {
  const process = { args: [command], env: ['PATH=relative:/sbin:/bin'], cwd: '/bin' };
  const spec = { mounts: [{ source: '/x', target: '/data/', readOnly: false }], tmpfs: [] } as unknown as GuestSpec;
  expect(missingCommand(root, process, { spec })).toBe(expected);
});
