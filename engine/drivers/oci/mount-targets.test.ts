import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveTargets } from './mount-targets.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'targets-'));
  mkdirSync(join(root, 'data/own'), { recursive: true });
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/hosts'), '');
  symlinkSync('../../../data', join(root, 'up'));
  symlinkSync('/no/such/place', join(root, 'nowhere'));
  symlinkSync('../run/resolve/stub.conf', join(root, 'etc/resolv.conf'));
  symlinkSync('/round', join(root, 'round'));
  symlinkSync('/nowhere', join(root, 'data/link'));
});
afterAll(() => rmSync(root, { recursive: true }));

const places = (...destinations: string[]) =>
  resolveTargets(
    root,
    destinations.map((destination) => ({ destination })),
  ).map(({ destination }) => destination);

describe('the place of a mount', () => {
  it.each([
    ['/data', '/data'],
    ['/etc/hosts', '/etc/hosts'],
    ['/new/place', '/new/place'],
    ['/up', '/data'],
    ['/up/own/../new', '/data/new'],
    ['/nowhere', '/no/such/place'],
    ['/nowhere/../x', '/x'],
    ['/data/link/deep', '/no/such/place/deep'],
    ['/etc/resolv.conf', '/run/resolve/stub.conf'],
    ['/../../etc/hosts', '/etc/hosts'],
  ])('%s is %s', (asked, place) => expect(places(asked)).toEqual([place]));

  it('in another one is below that, whatever the image has there', () => {
    expect(places('/up', '/up/link', '/data/link')).toEqual(['/data', '/data/link', '/data/link']);
  });

  it('in what is fresh at every start is left alone', () => {
    expect(places('/proc', '/dev/guest', '/sys/fs/cgroup/cpu')).toEqual(['/proc', '/dev/guest', '/sys/fs/cgroup/cpu']);
  });

  it('is refused where links go round in circles', () => {
    expect(() => places('/round')).toThrow(/round in circles/);
  });
});
