import { expect, test } from 'vitest';
import { rescueArgv, serialOf } from './argv.ts';

const PLAN = {
  binary: 'qemu',
  guestName: 'a,b',
  accelerator: 'tcg',
  boot: { kernel: '/proc/self/fd/5', initrd: '/proc/self/fd/6' },
  sets: new Map([[1, '/home/disk,1.qcow2']]),
} as const;
const ROOT = { name: 'root', file: '/dev/fdset/1', format: 'qcow2', isHost: false } as const;
const nodesOf = (argv: readonly string[]) =>
  argv.flatMap((word, at) => (argv[at - 1] === '-blockdev' ? [JSON.parse(word)] : []));

test('a disk that is read is behind what takes the writes, and what it names behind itself is not believed', () => {
  const disks = [
    { ...ROOT, base: { file: '/dev/fdset/2', format: 'raw' }, overlay: '/dev/fdset/3' },
    { ...ROOT, name: 'data', file: '/dev/fdset/4', format: 'raw', base: null, overlay: '/dev/fdset/5' },
  ] as const;
  const [root, data] = nodesOf(rescueArgv({ ...PLAN, disks }));
  expect(root).toMatchObject({
    driver: 'qcow2',
    'node-name': 'disk0',
    file: { filename: '/dev/fdset/3' },
    backing: {
      driver: 'qcow2',
      'read-only': true,
      file: { filename: '/dev/fdset/1', 'read-only': true },
      backing: { driver: 'raw', 'read-only': true, file: { filename: '/dev/fdset/2' } },
    },
  });
  expect(data).toMatchObject({ 'node-name': 'disk1', backing: { driver: 'raw', 'read-only': true } });
});

test('a disk that is written has nothing before it', () => {
  const [root] = nodesOf(rescueArgv({ ...PLAN, disks: [{ ...ROOT, base: null, overlay: null }] }));
  expect(root).toMatchObject({ driver: 'qcow2', 'node-name': 'disk0', 'read-only': false, backing: null });
});

test('no network, no screen, a sandbox, and names that cannot become options', () => {
  const argv = rescueArgv({ ...PLAN, disks: [] });
  expect(argv.join(' ')).not.toMatch(/-netdev|-nic|-vnc/);
  expect(argv).toContain('guest=rescue of a,,b');
  expect(argv[argv.indexOf('-sandbox') + 1]).toMatch(/^on,/);
  expect(argv).toContain('fd=3,set=1,opaque=/home/disk,,1.qcow2');
  expect(serialOf('a-name-of-more-than-twenty')).toHaveLength(20);
});
