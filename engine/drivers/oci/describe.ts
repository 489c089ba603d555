/** What others are told of a container that runs. */
import type { Running } from '../driver.ts';
import type { RunRecord } from './run-record.ts';

export const PAUSED_BY_SIGNAL =
  'Paused by stopping its processes one by one: this host gives ordinary users no freezer.';

export function describeRun(record: RunRecord): Running {
  return {
    pid: record.main.pid,
    startedAt: record.startedAt,
    paused: record.paused,
    accelerator: null,
    standsFor: record.bySignal ? PAUSED_BY_SIGNAL : null,
    notes: record.notes,
    consoles: ['main', 'exec', 'log'],
    memoryBounded: record.unlimited !== true,
  };
}
