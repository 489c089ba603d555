/** What is noted of a running machine (`run.json` in its run folder), so that the next engine meets it again. */
import { join } from 'node:path';
import { readJson, writeAtomic } from '../../host/files.ts';
import { guestFolder, guestRunFolder, type Paths } from '../../host/paths.ts';
import type { RunFiles } from './argv.ts';
import { bootId, type ProcessRef } from './processes.ts';

export interface RunRecord {
  readonly qemu: ProcessRef;
  readonly bootId: string;
  readonly startedAt: number;
  readonly accelerator: 'kvm' | 'tcg';
  readonly notes: readonly string[];
  /** Whether our init runs in it, so that the agent port is served. */
  readonly agent: boolean;
  readonly folders: readonly ProcessRef[];
}

/** Every path of one machine. */
export interface MachinePaths extends RunFiles {
  /** The run folder: sockets, configuration, QEMU's own output. */
  readonly run: string;
  readonly record: string;
  readonly config: string;
  readonly qemuLog: string;
  readonly agentIn: string;
  readonly agentOut: string;
  /** Durable. */
  readonly disk: string;
  readonly serialLog: string;
}

export function machinePaths(paths: Paths, id: string): MachinePaths {
  const run = guestRunFolder(paths, id);
  const home = guestFolder(paths, id);
  return {
    run,
    qmp: join(run, 'qmp.sock'),
    serial: join(run, 'serial.sock'),
    vnc: join(run, 'vnc.sock'),
    agent: join(run, 'agent'),
    agentIn: join(run, 'agent.in'),
    agentOut: join(run, 'agent.out'),
    record: join(run, 'run.json'),
    config: join(run, 'config'),
    qemuLog: join(run, 'qemu.log'),
    disk: join(home, 'disk.qcow2'),
    serialLog: join(home, 'serial.log'),
  };
}

export async function readRun(files: MachinePaths): Promise<RunRecord | null> {
  const record = await readJson<RunRecord>(files.record).catch(() => null);
  return record && record.bootId === bootId() ? record : null;
}

export function writeRun(files: MachinePaths, record: RunRecord): Promise<void> {
  return writeAtomic(files.record, JSON.stringify(record));
}
