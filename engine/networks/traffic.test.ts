import { expect, it } from 'vitest';
import { parseTraffic } from './traffic.ts';

it('reads bytes and packets as the guest sees them', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
   gn0:     200       2    0    0    0     0          0         0      300       3    0    0    0     0       0          0
v0123456789ab0z: 4096   4    0    0    0     0          0         0     8192       5    0    0    0     0       0          0
tba9876543210:1      1    0    0    0     0          0         0     18446744073709       5    0    0    0     0       0          0
`;
  expect([...parseTraffic(text)]).toEqual([
    ['0123456789ab', { outBytes: 4096, inBytes: 8192, outPackets: 4, inPackets: 5 }],
    ['ba9876543210', { outBytes: 1, inBytes: 18446744073709, outPackets: 1, inPackets: 5 }],
  ]);
  expect(parseTraffic('').size).toBe(0);
});
