/** What others are told of a container that runs. */
import type { Running } from '../driver.ts';
import { PAUSED_BY_SIGNAL } from './paused.ts';
import type { RunRecord } from './run-record.ts';

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
