/** What is asked of qemu-guest-agent (QEMU's qga/qapi-schema.json), and what an answer may cost us. */

const KIB = 1024;
/** Of a file, read or written in one request (bytes): others are answered between two of them. */
export const PIECE_BYTES = 256 * KIB;

export interface AgentCommand {
  /** A guest may be busy, swapped out, or lie: nobody waits longer (ms). */
  readonly timeoutMs: number;
  /** Longer answers are no answers (bytes). */
  readonly maxBytes: number;
  /** For its turn (ms): in the middle of something a busy guest is given longer. Left out: as guest-sync-delimited. */
  readonly turnTimeoutMs?: number;
}

/** Of acts that somebody waits for and can cancel. */
const PATIENT = { turnTimeoutMs: 15_000 };

export const AGENT_COMMANDS = {
  'guest-sync-delimited': { timeoutMs: 3_000, maxBytes: 4 * KIB },
  'guest-info': { timeoutMs: 5_000, maxBytes: 64 * KIB },
  'guest-get-osinfo': { timeoutMs: 5_000, maxBytes: 16 * KIB },
  'guest-get-host-name': { timeoutMs: 5_000, maxBytes: 4 * KIB },
  'guest-get-users': { timeoutMs: 5_000, maxBytes: 64 * KIB },
  'guest-get-fsinfo': { timeoutMs: 10_000, maxBytes: 1024 * KIB },
  'guest-network-get-interfaces': { timeoutMs: 5_000, maxBytes: 1024 * KIB },
  'guest-get-vcpus': { timeoutMs: 5_000, maxBytes: 64 * KIB },
  'guest-set-vcpus': { timeoutMs: 10_000, maxBytes: 4 * KIB },
  'guest-get-memory-blocks': { timeoutMs: 5_000, maxBytes: 1024 * KIB },
  'guest-set-memory-blocks': { timeoutMs: 30_000, maxBytes: 1024 * KIB },
  'guest-set-time': { timeoutMs: 10_000, maxBytes: 4 * KIB },
  'guest-set-user-password': { timeoutMs: 15_000, maxBytes: 4 * KIB },
  'guest-shutdown': { timeoutMs: 3_000, maxBytes: 4 * KIB },
  // Writes back all that the guest holds in memory.
  'guest-fsfreeze-freeze': { timeoutMs: 60_000, maxBytes: 4 * KIB },
  'guest-fsfreeze-thaw': { timeoutMs: 30_000, maxBytes: 4 * KIB },
  'guest-fsfreeze-status': { timeoutMs: 5_000, maxBytes: 4 * KIB },
  'guest-exec': { timeoutMs: 10_000, maxBytes: 4 * KIB, ...PATIENT },
  // The agent keeps at most 16 MiB of each output, and sends it as base64.
  'guest-exec-status': { timeoutMs: 30_000, maxBytes: 48 * KIB * KIB, ...PATIENT },
  'guest-file-open': { timeoutMs: 10_000, maxBytes: 4 * KIB, ...PATIENT },
  // As base64, with some words around it.
  'guest-file-read': { timeoutMs: 30_000, maxBytes: 2 * PIECE_BYTES, ...PATIENT },
  'guest-file-write': { timeoutMs: 30_000, maxBytes: 4 * KIB, ...PATIENT },
  'guest-file-seek': { timeoutMs: 10_000, maxBytes: 4 * KIB, ...PATIENT },
  // Writes to the guest's disk.
  'guest-file-flush': { timeoutMs: 60_000, maxBytes: 4 * KIB, ...PATIENT },
  'guest-file-close': { timeoutMs: 60_000, maxBytes: 4 * KIB, ...PATIENT },
} as const satisfies Record<string, AgentCommand>;

export type AgentCommandName = keyof typeof AGENT_COMMANDS;
