/** A TCP port of the host whose connections go to a guest. */
import { createServer, isIPv6, type Server, Socket } from 'node:net';
import type { MakeSocket } from './house-sockets.ts';
import type { Listener } from './listener.ts';
import type { RelayRule } from './protocol.ts';

export function tcpListener(rule: RelayRule, makeSocket: MakeSocket): Listener {
  const sockets = new Set<Socket>();
  let server: Server | null = null;

  async function join(client: Socket): Promise<void> {
    keep(client);
    const fd = await makeSocket('tcp').catch(() => null);
    if (fd === null) return void client.resetAndDestroy();
    const guest = new Socket({ fd, allowHalfOpen: true });
    keep(guest);
    guest.setNoDelay(true);
    client.once('close', () => guest.destroy());
    guest.once('close', () => client.destroy());
    // Broken on one side is broken on the other, not ended in good order.
    guest.on('error', () => client.resetAndDestroy());
    client.on('error', () => guest.resetAndDestroy());
    if (client.destroyed) return void guest.destroy();
    guest.connect({ host: listener.rule.address, port: listener.rule.guestPort });
    client.pipe(guest);
    guest.pipe(client);
  }

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  }

  const listener: Listener = {
    rule,
    open: () =>
      new Promise((resolve, reject) => {
        const { hostIp: host, hostPort: port } = rule;
        const fresh = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
          void join(client);
        });
        fresh.once('error', reject);
        fresh.listen({ host, port, ipv6Only: isIPv6(host) }, () => {
          fresh.off('error', reject);
          fresh.on('error', () => {}); // no descriptor to spare: the next one may have one
          server = fresh;
          resolve();
        });
      }),
    unlisten: () =>
      new Promise((resolve) => {
        if (server === null) return resolve();
        // Its own end comes with its last connection; the port is free now.
        server.close();
        server = null;
        setImmediate(resolve);
      }),
    drop() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
  return listener;
}
