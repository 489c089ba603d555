/** Networks guests are on. The names `none` and `host` are no networks; `nat` is there from the start. */

/** `nat`: reaches out, reached by published ports only. `isolated`: its guests reach each other and nothing else. */
export type NetworkMode = 'nat' | 'isolated';

export interface Network {
  /** 12 lower-case hex digits. */
  readonly id: string;
  /** 1 to 63 of `a-z A-Z 0-9 . _ -`, starting with a letter or digit. */
  readonly name: string;
  readonly mode: NetworkMode;
  /** `10.99.0.0/20` */
  readonly subnet4: string;
  readonly gateway4: string;
  /** A unique local prefix (RFC 4193), `fd...::/64`; null where the host has no IPv6. */
  readonly subnet6: string | null;
  readonly gateway6: string | null;
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
  /** Left out: a free one is chosen. */
  readonly subnet4?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
