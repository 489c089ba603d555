import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bootId } from './process-ref.ts';
import { candidates, runFolder } from './run-folder.ts';

const uid = process.getuid?.() ?? 0;
let home: string;
const made: string[] = [];
const link = () => join(home, `run-folder.${bootId()}`);
const folder = (env: NodeJS.ProcessEnv = {}) => {
  const path = runFolder(home, env);
  made.push(path);
  return path;
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-run-folder-'));
});
afterEach(() => {
  for (const path of [...made.splice(0), home]) rmSync(path, { recursive: true, force: true });
});

it('remembers its choice, whatever the environment says later', () => {
  const own = join(home, 'runtime');
  mkdirSync(own, { mode: 0o700 });
  const first = folder({ XDG_RUNTIME_DIR: own });
  expect(readlinkSync(link())).toBe(first);
  if (uid !== 0) expect(first.startsWith(own)).toBe(true);
  expect(folder({})).toBe(first);
  expect(folder({ XDG_RUNTIME_DIR: '/nowhere' })).toBe(first);
});

it('makes it again where it was', () => {
  const first = folder();
  rmSync(first, { recursive: true });
  expect(folder()).toBe(first);
  expect(existsSync(first)).toBe(true);
});

it('says whose it is: a copy of a home gets one of its own', () => {
  const first = folder();
  expect(readFileSync(join(first, 'home'), 'utf8')).toBe(home);
  // One from before it said so is known by its name.
  rmSync(join(first, 'home'));
  expect(folder()).toBe(first);
  expect(readFileSync(join(first, 'home'), 'utf8')).toBe(home);

  const copy = mkdtempSync(join(tmpdir(), 'gh-run-folder-'));
  made.push(copy);
  symlinkSync(first, join(copy, basename(link())));
  const own = runFolder(copy, {});
  made.push(own);
  expect(own).not.toBe(first);
  expect(folder()).toBe(first);
});

it('chooses anew after a boot, and when what it remembers cannot be trusted', () => {
  symlinkSync('/tmp/of-another-boot', join(home, 'run-folder.00000000-0000-0000-0000-000000000000'));
  const first = folder();
  expect(readdirSync(home).filter((name) => name.startsWith('run-folder'))).toEqual([basename(link())]);

  const loose = join(home, basename(first));
  mkdirSync(loose);
  chmodSync(loose, 0o755);
  for (const target of [loose, '/tmp/of-another-home', '/proc/1/nowhere', 'relative']) {
    rmSync(link());
    symlinkSync(target, link());
    expect(folder()).toBe(first);
    expect(readlinkSync(link())).toBe(first);
  }
});

it('prefers folders of the login, and only its own', () => {
  const own = join(home, 'runtime');
  mkdirSync(own);
  expect(candidates(0, { XDG_RUNTIME_DIR: own })).toEqual(['/run/guesthouse']);
  if (uid === 0) return;
  expect(candidates(uid, { XDG_RUNTIME_DIR: own })[0]).toBe(join(own, 'guesthouse'));
  expect(candidates(uid, { XDG_RUNTIME_DIR: '/root' })[0]).not.toBe('/root/guesthouse');
  expect(candidates(uid, {}).at(-1)).toBe(`/tmp/guesthouse-${uid}`);
});
