/** Ports of the host: free or taken, found out by binding. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer, isIPv6 } from 'node:net';

export type PortState = 'free' | 'taken' | 'denied' | 'no-such-address';

/** The last look at each port: two at the same moment would take each other for another program. */
const looks = new Map<string, Promise<PortState>>();

/** Binds the port for a moment. `denied`: below the unprivileged range. */
export function portState(hostIp: string, port: number, protocol: 'tcp' | 'udp' = 'tcp'): Promise<PortState> {
  const key = `${port}/${protocol}`;
  const bind = () => bindOnce(hostIp, port, protocol);
  const look = (looks.get(key) ?? Promise.resolve()).then(bind, bind);
  looks.set(key, look);
  const end = () => looks.get(key) === look && looks.delete(key);
  look.then(end, end);
  return look;
}

function bindOnce(hostIp: string, port: number, protocol: 'tcp' | 'udp'): Promise<PortState> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(bindFailure(error.code));
    if (protocol === 'udp') {
      const socket = createSocket({ type: isIPv6(hostIp) ? 'udp6' : 'udp4', ipv6Only: isIPv6(hostIp) });
      socket.once('error', failed);
      socket.bind({ address: hostIp, port, exclusive: true }, () => socket.close(() => resolve('free')));
      return;
    }
    const server = createServer();
    server.once('error', failed);
    const where = { host: hostIp, port, exclusive: true, ipv6Only: isIPv6(hostIp) };
    server.listen(where, () => server.close(() => resolve('free')));
  });
}

/** Why a port could not be listened on, from the error's code. */
export function bindFailure(code: string | undefined): Exclude<PortState, 'free'> {
  if (code === 'EACCES') return 'denied';
  return code === 'EADDRNOTAVAIL' || code === 'EINVAL' ? 'no-such-address' : 'taken';
}

/** Where IANA lets programs choose ports for themselves: nothing well known is there. */
const DYNAMIC = { first: 49_152, last: 65_535 };
/** Fewer would soon be full of guests. */
const ENOUGH = 1024;

/**
 * Ports nobody is promised: the dynamic ones, without those the kernel gives to outgoing connections, which would take
 * them away before a guest starts again. `kernelRange`: the two numbers of ip_local_port_range.
 */
export function dynamicPorts(kernelRange: string): readonly number[] {
  const all = Array.from({ length: DYNAMIC.last - DYNAMIC.first + 1 }, (_, at) => DYNAMIC.first + at);
  const [first = 0, last = 0] = kernelRange.trim().split(/\s+/).map(Number);
  const rest = all.filter((port) => port < first || port > last);
  return rest.length < ENOUGH ? all : rest;
}

/** A free port of those, by chance, so that two homes seldom choose the same; null: there is none. */
export async function anyFreePort(
  hostIp: string,
  taken: ReadonlySet<number>,
  protocol: 'tcp' | 'udp' = 'tcp',
): Promise<number | null> {
  let range = '';
  try {
    range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  } catch {}
  const ports = dynamicPorts(range);
  const start = Math.floor(Math.random() * ports.length);
  for (const port of [...ports.slice(start), ...ports.slice(0, start)]) {
    if (taken.has(port)) continue;
    const state = await portState(hostIp, port, protocol);
    if (state === 'free') return port;
    if (state === 'no-such-address') return null;
  }
  return null;
}

/** Highest number of ports tried above the wish. */
const TRIES = 200;

/** The first free port at or above `wanted` (above the privileged range when the wish is below it and refused). */
export async function freePort(
  hostIp: string,
  wanted: number,
  taken: ReadonlySet<number>,
  protocol: 'tcp' | 'udp' = 'tcp',
): Promise<number | null> {
  let port = wanted;
  for (let tries = 0; tries < TRIES && port <= 65535; tries += 1) {
    const state = taken.has(port) ? 'taken' : await portState(hostIp, port, protocol);
    if (state === 'free') return port;
    port = state === 'denied' && port < 1024 ? port + 8000 : port + 1;
  }
  return null;
}
