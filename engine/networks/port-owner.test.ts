import { expect, it } from 'vitest';
import { listeningInodes } from './port-owner.ts';

it('finds sockets that listen on the port, not those that merely use it', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000000000000000
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 4243 1 0000000000000000
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4244 1 0000000000000000
`;
  expect(listeningInodes(table, 8080)).toEqual(['4242']);
  expect(listeningInodes(table, 80)).toEqual(['4244']);
  expect(listeningInodes(table, 1)).toEqual([]);
});
