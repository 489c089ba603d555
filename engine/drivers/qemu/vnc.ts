/** The machine's screen: RFB as QEMU speaks it on its Unix socket. Every viewer has a connection of its own. */
import type { Duplex } from 'node:stream';
import { connectUnix } from './connect.ts';

export async function connectDisplay(path: string): Promise<Duplex> {
  const socket = await connectUnix(path);
  socket.setNoDelay(true);
  socket.on('error', () => {}); // 'close' follows and is what viewers look at
  return socket;
}
