/** Which program of the host listens on a port, as far as /proc lets us see. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { commandOf } from './processes.ts';

/** `nginx (pid 812)`; null when it belongs to another user or nobody listens. */
export function listenerOn(port: number, protocol: 'tcp' | 'udp' = 'tcp'): string | null {
  const tables = [protocol, `${protocol}6`];
  const inodes = new Set(tables.flatMap((table) => listeningInodes(text(`/proc/net/${table}`), port)));
  if (inodes.size === 0) return null;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of list(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${descriptor}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) return `${commandOf(Number(pid)) ?? 'a program'} (pid ${pid})`;
    }
  }
  return null;
}

/** Inodes of listening sockets on a port in the text of /proc/net/tcp, tcp6, udp or udp6. Pure. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const LISTEN = ['0A', '07']; // of UDP: bound, to nobody in particular
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(wanted) && LISTEN.includes(fields[3] as string))
    .map((fields) => fields[9] as string);
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
