/** The host's side of a port as one writes it: `8080`, `127.0.0.1:8080`, `0.0.0.0:80`, `[::1]:80`. Pure. */

export interface HostPort {
  hostIp: string;
  /** null: not a number; the engine chooses or complains. */
  hostPort: number | null;
}

export function parseHostPort(text: string): HostPort {
  const parts = /^(?:\[(?<six>[^\]]*)\]|(?<four>[^:]*)):(?<port>\d*)$/.exec(text.trim());
  if (!parts?.groups) return { hostIp: '127.0.0.1', hostPort: portOf(text.trim()) };
  return { hostIp: parts.groups.six ?? (parts.groups.four || '127.0.0.1'), hostPort: portOf(parts.groups.port ?? '') };
}

export function formatHostPort({ hostIp, hostPort }: HostPort): string {
  if (hostPort === null && hostIp === '127.0.0.1') return '';
  return `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${hostPort ?? ''}`;
}

const portOf = (text: string): number | null => (/^\d+$/.test(text) ? Number(text) : null);
