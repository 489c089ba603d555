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
  'add-fd': 2_000,
  'remove-fd': 2_000,
  'query-fdsets': 2_000,
  'query-pci': 2_000,
  'ringbuf-read': 2_000,
  'query-chardev': 2_000,
  'query-cpus-fast': 2_000,
  'query-memory-size-summary': 2_000,
  // Its own words are made while the machine stands still.
  'human-monitor-command': 5_000,
  'qom-list': 2_000,
  'qom-get': 2_000,
  // Opening, draining and closing a disk waits for the host's disk.
  'blockdev-add': 15_000,
  'blockdev-del': 15_000,
  device_add: 15_000,
  device_del: 5_000,
  'chardev-add': 5_000,
  'chardev-remove': 5_000,
  block_resize: 15_000,
  block_set_io_throttle: 5_000,
  'query-block': 5_000,
  'query-named-block-nodes': 5_000,
  'blockdev-open-tray': 5_000,
  'blockdev-close-tray': 5_000,
  'blockdev-remove-medium': 5_000,
  'blockdev-insert-medium': 5_000,
  // Waits until every disk has nothing under way.
  transaction: 30_000,
  'block-stream': 15_000,
  'query-jobs': 5_000,
  'job-dismiss': 5_000,
  'job-cancel': 5_000,
  'query-version': 2_000,
  getfd: 2_000,
  'migrate-set-parameters': 2_000,
  migrate: 10_000,
  migrate_cancel: 5_000,
  'query-migrate': 5_000,
} as const;

export type QmpCommand = keyof typeof QMP_COMMANDS;

/** The greeting comes as soon as QEMU's main loop runs. */
export const GREETING_TIMEOUT_MS = 5_000;
