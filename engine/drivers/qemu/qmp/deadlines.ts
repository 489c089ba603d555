/** How long QEMU may take to answer each command (ms). A stopped or hung QEMU must never hold anybody up. */
export const QMP_COMMANDS = {
  qmp_capabilities: 3_000,
  'query-status': 2_000,
  'query-blockstats': 1_000,
  stop: 5_000,
  cont: 5_000,
  system_powerdown: 2_000,
  quit: 2_000,
  screendump: 5_000,
  pmemsave: 2_000,
  'send-key': 2_000,
} as const;

export type QmpCommand = keyof typeof QMP_COMMANDS;

/** The greeting comes as soon as QEMU's main loop runs. */
export const GREETING_TIMEOUT_MS = 5_000;
