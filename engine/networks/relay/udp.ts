/** A UDP port of the host: each client has a socket of its own towards the guest, so answers find their way back. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { MakeSocket } from './house-sockets.ts';
import type { Listener } from './listener.ts';
import type { RelayRule } from './protocol.ts';

/** A client that was silent this long is forgotten (ms). */
const IDLE_MS = 120_000;
const SWEEP_MS = 15_000;
/** More clients at a time push out the one that came first. */
const MOST_CLIENTS = 1024;
/** Datagrams kept while a client's socket is being made. */
const MOST_WAITING = 64;

interface Client {
  socket: Socket | null;
  waiting: Buffer[];
  seenAt: number;
  gone: boolean;
}

export function udpListener(rule: RelayRule, makeSocket: MakeSocket): Listener {
  const clients = new Map<string, Client>();
  let host: Socket | null = null;
  let sweeper: NodeJS.Timeout | null = null;

  function forget(key: string, client: Client): void {
    client.gone = true;
    if (clients.get(key) === client) clients.delete(key);
    client.socket?.close();
    client.socket = null;
  }

  async function admit(key: string, address: string, port: number): Promise<void> {
    const client: Client = { socket: null, waiting: [], seenAt: performance.now(), gone: false };
    if (clients.size >= MOST_CLIENTS) {
      for (const [oldest, one] of clients) {
        forget(oldest, one);
        break;
      }
    }
    clients.set(key, client);
    const fd = await makeSocket('udp').catch(() => null);
    if (fd === null) return forget(key, client);
    const socket = createSocket('udp4');
    socket.on('error', () => {}); // nobody serves there now; somebody may in a moment
    socket.on('message', (data) => {
      client.seenAt = performance.now();
      host?.send(data, port, address, () => {});
    });
    socket.bind({ fd }, () =>
      socket.connect(listener.rule.guestPort, listener.rule.address, () => {
        if (client.gone) return void socket.close();
        client.socket = socket;
        for (const data of client.waiting.splice(0)) socket.send(data, () => {});
      }),
    );
  }

  function receive(data: Buffer, { address, port }: { address: string; port: number }): void {
    const key = `${address} ${port}`;
    if (!clients.has(key)) void admit(key, address, port);
    const client = clients.get(key) as Client;
    client.seenAt = performance.now();
    if (client.socket) client.socket.send(data, () => {});
    else if (client.waiting.length < MOST_WAITING) client.waiting.push(data);
  }

  const listener: Listener = {
    rule,
    open: () =>
      new Promise((resolve, reject) => {
        const { hostIp: address, hostPort: port } = rule;
        const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) });
        socket.once('error', (error) => {
          if (host !== socket) socket.close();
          reject(error);
        });
        socket.on('message', receive);
        socket.bind({ address, port, exclusive: true }, () => {
          socket.on('error', () => {});
          host = socket;
          sweeper = setInterval(() => {
            const before = performance.now() - IDLE_MS;
            for (const [key, client] of clients) if (client.seenAt < before) forget(key, client);
          }, SWEEP_MS);
          resolve();
        });
      }),
    unlisten: () =>
      new Promise((resolve) => {
        if (sweeper) clearInterval(sweeper);
        if (host === null) return resolve();
        host.close(() => resolve());
        host = null;
      }),
    drop() {
      for (const [key, client] of clients) forget(key, client);
    },
  };
  return listener;
}
