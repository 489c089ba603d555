/** Ports of the host: free or taken, found out by binding. */
import { createServer } from 'node:net';

export type PortState = 'free' | 'taken' | 'denied' | 'no-such-address';

/** Binds the port for a moment. `denied`: below the unprivileged range. */
export function portState(hostIp: string, port: number): Promise<PortState> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES') resolve('denied');
      else if (error.code === 'EADDRNOTAVAIL') resolve('no-such-address');
      else resolve('taken');
    });
    server.listen({ host: hostIp, port, exclusive: true }, () => server.close(() => resolve('free')));
  });
}

/** Highest number of ports tried above the wish. */
const TRIES = 200;

/** The first free port at or above `wanted` (above the privileged range when the wish is below it and refused). */
export async function freePort(hostIp: string, wanted: number, taken: ReadonlySet<number>): Promise<number | null> {
  let port = wanted;
  for (let tries = 0; tries < TRIES && port <= 65535; tries += 1) {
    const state = taken.has(port) ? 'taken' : await portState(hostIp, port);
    if (state === 'free') return port;
    port = state === 'denied' && port < 1024 ? port + 8000 : port + 1;
  }
  return null;
}
