/** What the main thread and the polling thread say to each other. */

/** Attach sockets and processes watched at once. */
export const SLOTS = 4096;
/** Read but not yet consumed output of one session (bytes); beyond it the program behind it has to wait. */
export const QUEUE_LIMIT_BYTES = 256 * 1024;

/** Memory both threads see. `queued`: bytes per slot on their way; `flags`: CLOSING, LOADED, then one STARVED mark per slot. */
export interface Shared {
  readonly queued: SharedArrayBuffer;
  readonly flags: SharedArrayBuffer;
}
/** Index in `flags`: the thread shall end. */
export const CLOSING = 0;
/** Index in `flags`: the thread has its native code. */
export const LOADED = 1;
/** First index in `flags` of the marks "stopped reading this slot; wake me when something was consumed". */
export const STARVED = 2;

export type Order =
  | { readonly what: 'watch'; readonly slot: number; readonly fd: number; readonly kind: 'socket' | 'pid' }
  | { readonly what: 'want-write'; readonly slot: number }
  | { readonly what: 'drop'; readonly slot: number };

export type Report =
  | { readonly slot: number; readonly what: 'data'; readonly channel: number; readonly bytes: Uint8Array }
  | { readonly slot: number; readonly what: 'end' }
  | { readonly slot: number; readonly what: 'writable' }
  | { readonly slot: number; readonly what: 'dropped' };
