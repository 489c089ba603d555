/** What the engine and the relay say to each other: one line of JSON each way, over a Unix socket. */

/** A port of the host that leads to a port of a guest. */
export interface RelayRule {
  readonly protocol: 'tcp' | 'udp';
  readonly hostIp: string;
  readonly hostPort: number;
  /** The guest's IPv4 address inside the house. */
  readonly address: string;
  readonly guestPort: number;
}

export type RelayRequest =
  /** Exactly these rules for this owner, all or none. What does not change goes on undisturbed. */
  | { readonly do: 'set'; readonly owner: string; readonly rules: readonly RelayRule[] }
  /** Forgets all owners but these. */
  | { readonly do: 'retain'; readonly owners: readonly string[] }
  | { readonly do: 'quit' };

export type RelayAnswer =
  | { readonly ok: true }
  /** `code`: why `rule` cannot be listened on, as the kernel says: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`. */
  | { readonly ok: false; readonly code: string; readonly rule: RelayRule | null };

/** Name of the process in /proc. */
export const RELAY_NAME = 'gh-relay';

export function ruleKey({ protocol, hostIp, hostPort }: RelayRule): string {
  return `${protocol} ${hostIp} ${hostPort}`;
}
