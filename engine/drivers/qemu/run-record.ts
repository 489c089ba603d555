/** What is noted of a running machine (`run.json` in its run folder), so that the next engine meets it again. */
import { join } from 'node:path';
import type { Accelerator, MachineFound } from '../../contract/machine.ts';
import { readJson, writeAtomic } from '../../host/files.ts';
import { guestFolder, guestRunFolder, type Paths } from '../../host/paths.ts';
import { bootId, type ProcessRef } from '../../host/process-ref.ts';
import { ROOM } from './argv/plan.ts';
import type { Share } from './folders.ts';
import type { MachineSize } from './size/room.ts';

export interface RunRecord {
  readonly qemu: ProcessRef;
  readonly bootId: string;
  readonly startedAt: number;
  /** Whether its start came to its end, ports included; an engine that was killed before leaves a machine of no use. */
  readonly started: boolean;
  readonly accelerator: Accelerator;
  /** Left out by runs of older versions. */
  readonly hardware?: MachineFound;
  readonly notes: readonly string[];
  /** Whether our init runs in it, so that the agent port is served. */
  readonly agent: boolean;
  /** Whether it has a port for qemu-guest-agent. Left out by runs of older versions. */
  readonly guestAgent?: boolean;
  /** Whether it has a device by which its system says how it is off for memory. Left out by runs of older versions. */
  readonly balloon?: boolean;
  /** Writes down what the guest reports; ends after QEMU. */
  readonly reporter: ProcessRef | null;
  /** Programs beside QEMU but those of shared folders: of the TPM. In runs of older versions, of shared folders too. */
  readonly folders: readonly ProcessRef[];
  /** Shared folders it has now. Left out by runs of older versions. */
  readonly shares?: readonly Share[];
  /** Its memory can be given to programs beside QEMU, so that folders can come. Left out: it cannot. */
  readonly sharedMemory?: boolean;
  /** It has a drive for a CD. Left out by records of before that was known. */
  readonly hasCd?: boolean;
  /** It has a controller for USB. Left out by records of before that was known. */
  readonly usb?: boolean;
  /** What it started with and may grow to; left out: it keeps its size. */
  readonly size?: MachineSize | null;
}

/** Every path of one machine. */
export interface MachinePaths {
  /** The run folder: ours alone. */
  readonly run: string;
  readonly record: string;
  readonly qemuLog: string;
  /** What the guest reported, at most REPORT_MAX_BYTES. */
  readonly report: string;
  /** QEMU's working folder, QEMU's own user's: nothing in it is to be trusted after the guest started. */
  readonly room: string;
  readonly qmp: string;
  readonly serial: string;
  readonly vnc: string;
  readonly config: string;
  /** The medium of a first login; ours alone, QEMU is handed it open. */
  readonly seed: string;
  readonly agentIn: string;
  readonly agentOut: string;
  readonly guestAgent: string;
  /** Durable: the guest's own folder, and what is in it. */
  readonly home: string;
  readonly choice: string;
  readonly tpmState: string;
  readonly disk: string;
  readonly serialLog: string;
}

export function machinePaths(paths: Paths, id: string): MachinePaths {
  const run = guestRunFolder(paths, id);
  const home = guestFolder(paths, id);
  const room = join(run, 'qemu');
  return {
    run,
    record: join(run, 'run.json'),
    qemuLog: join(run, 'qemu.log'),
    report: join(run, 'report'),
    room,
    qmp: join(room, ROOM.qmp),
    serial: join(room, ROOM.serial),
    vnc: join(room, ROOM.vnc),
    config: join(room, ROOM.config),
    seed: join(run, 'seed.iso'),
    agentIn: join(room, `${ROOM.agent}.in`),
    agentOut: join(room, `${ROOM.agent}.out`),
    guestAgent: join(room, ROOM.guestAgent),
    home,
    choice: join(home, 'machine.json'),
    tpmState: join(home, 'tpm'),
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

/** All programs beside QEMU that end with it. */
export function programsOf({ folders, shares = [] }: RunRecord): ProcessRef[] {
  return [...folders, ...shares.map((share) => share.process)];
}
