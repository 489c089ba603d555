/** Networks guests are on. The names `none` and `host` are no networks; `nat` is there from the start. */

/**
 * `nat`: reaches out, reached by published ports only. `isolated`: its guests reach each other and nothing else.
 * `bridged`: its guests are on a bridge of the host, as if their cables were plugged in there.
 */
export type NetworkMode = 'nat' | 'isolated' | 'bridged';

/** Where a bridged network is, and what that network leaves to its guests. */
export interface NetworkOutside {
  /** The host's device, as `ip link show type bridge` names it. */
  readonly bridge: string;
  /** Addresses nobody else has there: `192.168.1.200-192.168.1.219`. The first one is our name server's. */
  readonly range4: string;
  /** The way out; null: guests reach that network alone. */
  readonly router4: string | null;
}

export interface Network {
  /** 12 lower-case hex digits. */
  readonly id: string;
  /** 1 to 63 of `a-z A-Z 0-9 . _ -`, starting with a letter or digit. */
  readonly name: string;
  readonly mode: NetworkMode;
  /** `10.99.0.0/20` */
  readonly subnet4: string;
  /** What the house has on it: guests ask there for names and, with `nat`, go out by it. */
  readonly gateway4: string;
  /** A unique local prefix (RFC 4193), `fd...::/64`; null where the host has no IPv6. */
  readonly subnet6: string | null;
  readonly gateway6: string | null;
  /** Of a bridged one alone. */
  readonly outside?: NetworkOutside;
  /** The one that is always there. */
  readonly builtIn: boolean;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of guests that are on it, running or not; a network in use is not removed. */
  readonly usedBy: readonly string[];
}

export interface NetworkDraft {
  readonly name: string;
  /** Left out: `nat`. */
  readonly mode?: NetworkMode;
  /** Left out: a free one is chosen; of a bridged one, what the host has on that bridge. */
  readonly subnet4?: string;
  /** For `bridged`. The range as `first-last` or `10.0.0.8/29`; the router left out: the host's own on that bridge. */
  readonly outside?: { readonly bridge: string; readonly range4: string; readonly router4?: string };
  readonly labels?: Readonly<Record<string, string>>;
}
