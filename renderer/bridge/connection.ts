import type { Carrier } from '../../engine/contract/index.ts';

/** A way to the engine that is being made. */
export interface Connection {
  /** Takes messages from the beginning: what is said now is under way with the connection itself. */
  readonly carrier: Carrier;
  /** Resolves once it is there; rejects with a sentence when it never was, and `carrier.onClose` has heard the same. */
  readonly opened: Promise<void>;
}
