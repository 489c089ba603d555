import { expect, test } from 'vitest';
import { DISK_DEFAULTS } from '../../../engine/contract/disk.ts';
import { diskWishes, givenAway } from './disks.ts';

test.each([
  [undefined, {}],
  [['20'], { diskGib: 20 }],
  [['1.5g'], { diskGib: 1.5 }],
  [['/dev/sdb'], { diskGib: 0, disks: [{ ...DISK_DEFAULTS, name: 'host', from: '/dev/sdb', format: 'raw' }] }],
  [
    ['20', 'data=10,ro,cache=none,no-discard,raw', 'old=cloud:1,size=30,detached'],
    {
      diskGib: 20,
      disks: [
        { ...DISK_DEFAULTS, name: 'data', sizeGib: 10, readOnly: true, cache: 'none', discard: false, format: 'raw' },
        { ...DISK_DEFAULTS, name: 'old', from: 'cloud:1', sizeGib: 30, attached: false },
      ],
    },
  ],
  [
    ['d=1,write-bps=2m'],
    {
      disks: [
        {
          ...DISK_DEFAULTS,
          name: 'd',
          sizeGib: 1,
          io: {
            readBytesPerSecond: null,
            writeBytesPerSecond: 2 * 2 ** 20,
            readOpsPerSecond: null,
            writeOpsPerSecond: null,
          },
        },
      ],
    },
  ],
])('--disk %j', (words, wishes) => {
  expect(diskWishes(words)).toEqual(wishes);
});

test.each([[['20', '30']], [['data']], [['=5']], [['data=']], [['data=5,rw']], [['data=5,cache=all']], [['20gb']]])(
  '--disk %j is refused with how it is written',
  (words) => {
    expect(() => diskWishes(words)).toThrow(/--disk/);
  },
);

test('what is only read, or is no disk of the host, is not given away', () => {
  const { disks } = diskWishes(['/dev/sdb', 'a=/dev/sdc,ro', 'b=image', 'c=5']);
  expect(givenAway(disks)).toEqual(['/dev/sdb']);
});
