/** A port of the host the relay listens on, whatever its protocol. */
import type { RelayRule } from './protocol.ts';

export interface Listener {
  /** Where it leads; may be changed while it is open. */
  rule: RelayRule;
  /** Rejects with the kernel's code. */
  open(): Promise<void>;
  /** The port is free when this resolves; connections stay. */
  unlisten(): Promise<void>;
  /** Ends its connections. */
  drop(): void;
}
