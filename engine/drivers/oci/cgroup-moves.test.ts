import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ownGroupFile, readyForMoves } from './cgroup-moves.ts';

it('finds the group this process is in', () => {
  const v1 = '9:name=systemd:/user\n4:memory:/a/b\n2:cpu,cpuacct:/c\n0::/u\n';
  expect(ownGroupFile(v1)).toBe('/sys/fs/cgroup/memory/a/b/cgroup.procs');
  expect(ownGroupFile('2:cpu,cpuacct:/\n0::/u\n')).toBe('/sys/fs/cgroup/cpu,cpuacct/cgroup.procs');
  expect(ownGroupFile('0::/user.slice/x:y.service\n')).toBe('/sys/fs/cgroup/user.slice/x:y.service/cgroup.procs');
});

it('leaves groups alone that are seen from inside a container', () => {
  expect(ownGroupFile('0::/../other\n')).toBeNull();
  expect(ownGroupFile('4:memory:/../..\n0::/u\n')).toBe('/sys/fs/cgroup/u/cgroup.procs');
  expect(ownGroupFile('')).toBeNull();
});

it('moves nothing, allowed or not', async () => {
  const before = readFileSync('/proc/self/cgroup', 'utf8');
  const both = [readyForMoves(), readyForMoves()];
  expect(both[0]).toBe(both[1]);
  await Promise.all(both);
  expect(readFileSync('/proc/self/cgroup', 'utf8')).toBe(before);
});
