/** A running machine as the engine knows it: its process, its monitor, and the watch for its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestExit } from '../../contract/guest.ts';
import { ended, isAlive, signalProcess } from '../../host/process-ref.ts';
import type { CounterSource } from '../../metrics/processes.ts';
import { openProcesses } from '../../metrics/processes.ts';
import type { Counters } from '../driver.ts';
import { readAgent, watchAgent } from './agent.ts';
import { GUEST_AGENT } from './argv/consoles.ts';
import { ranOutOfMemory } from './cgroup.ts';
import { connectUnix } from './connect.ts';
import { createMachineSessions, type Sessions } from './exec/sessions.ts';
import { type FolderWatch, watchFolders } from './folder-watch.ts';
import { createGuestAgent, type GuestAgent } from './guest-agent/client.ts';
import { createGuestMemory, type GuestMemorySource } from './guest-memory.ts';
import { failureIn, panicIn } from './panic.ts';
import { openQmp, type Qmp } from './qmp/client.ts';
import { type MachinePaths, type RunRecord, writeRun } from './run-record.ts';
import { rotate } from './serial-log.ts';

/** Without a monitor connection only a look at the process tells that it ended (ms). */
const LOOK_MS = 500;
/** How often the serial log's size is looked at (ms); an emulated line writes some MiB meanwhile at most. */
const ROTATE_MS = 5_000;
/** The rest of a report, once QEMU is gone (ms). */
const REPORT_TIMEOUT_MS = 1_000;
export const DISK_FULL_NOTE = 'The disk of the host is full; free some space and resume.';
/** QEMU closes its sockets shortly before it is gone (ms). */
const END_TIMEOUT_MS = 5_000;

export interface LiveEvents {
  /** `record`: of the run that ended; the guest may run anew already. */
  onEnded(exit: GuestExit, record: RunRecord): void;
  /** `why`: what it stands still for when nobody asked, as a sentence. */
  onPaused(paused: boolean, why: string | null): void;
  onNote(note: string): void;
}

export class LiveMachine {
  readonly guestId: string;
  readonly files: MachinePaths;
  #record: RunRecord;
  /** Resolves once, with how it ended. */
  readonly ended: Promise<GuestExit>;
  /** Resolves when the guest's user space answered; never where there is no agent that could (ISO, foreign disk). */
  readonly up: Promise<void>;
  /** Further programs in it, where init is ours. */
  readonly sessions: Sessions;
  /** qemu-guest-agent in it, if one runs there. */
  readonly guestAgent: GuestAgent;
  readonly guestMemory: GuestMemorySource;
  /** While we ask QEMU to stop or continue, its events about it are no news. */
  #asking = false;
  #events: LiveEvents;
  #qmp: Qmp | null = null;
  #opening: Promise<Qmp> | null = null;
  #folders: FolderWatch;
  #timer: NodeJS.Timeout;
  #rotation: NodeJS.Timeout;
  #watcher: { close(): void } | null;
  #counters: CounterSource;
  #finish: (exit: GuestExit) => void = () => {};
  #operations: Pick<Counters, 'diskReadOps' | 'diskWriteOps'> = {};
  #askingDisks = false;
  #over = false;
  /** What the disk last stopped it for, until it goes on. */
  #diskNote: string | null = null;
  /** What ended our child process, where QEMU is one. */
  exitSignal: number | null = null;

  constructor(guestId: string, files: MachinePaths, record: RunRecord, events: LiveEvents) {
    this.guestId = guestId;
    this.files = files;
    this.#record = record;
    this.#events = events;
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    const answered = Promise.withResolvers<void>();
    this.up = answered.promise;
    this.#folders = watchFolders(this);
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    this.#timer.unref();
    const rotateLog = () => void rotate(files.serialLog).catch(() => {}); // tried again
    this.#rotation = setInterval(rotateLog, ROTATE_MS);
    this.#rotation.unref();
    rotateLog(); // it may have grown for long with nobody looking
    this.#watcher = record.agent
      ? watchAgent(files, ({ hello, problems }) => {
          if (hello) answered.resolve();
          for (const problem of problems) events.onNote(`In the guest: ${problem}.`);
        })
      : null;
    this.sessions = createMachineSessions(this);
    this.guestAgent = createGuestAgent({
      guestName: 'the guest',
      socketPath: files.guestAgent,
      isOpen: async () => record.guestAgent === true && (await this.#listens(GUEST_AGENT)),
    });
    this.guestMemory = createGuestMemory(record.balloon === true, () => this.#qmp);
    this.#counters = openProcesses(() => [record.qemu.pid]);
  }

  get record(): RunRecord {
    return this.#record;
  }

  /** What is known of this run from now on, on disk too. */
  async noteRun(change: Partial<RunRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await writeRun(this.files, this.#record);
  }

  get alive(): boolean {
    return !this.#over && isAlive(this.record.qemu);
  }

  counters(): Counters | null {
    const counters = this.alive ? this.#counters.read() : null;
    // QEMU is one process, whatever runs in its guest.
    if (!counters) return null;
    const guestMemoryBytes = this.guestMemory.read()?.usedBytes;
    return { ...counters, processes: undefined, guestMemoryBytes, ...this.#diskOperations() };
  }

  /** As of the reading before, so that no reading waits for QEMU. */
  #diskOperations(): Pick<Counters, 'diskReadOps' | 'diskWriteOps'> {
    if (this.#qmp && !this.#askingDisks) {
      this.#askingDisks = true;
      this.#qmp
        .execute('query-blockstats')
        .then(
          (found) => {
            this.#operations = sumOperations(found as BlockStats[]);
          },
          () => {}, // it is ending, or busy: the next one
        )
        .finally(() => {
          this.#askingDisks = false;
        });
    }
    return this.#operations;
  }

  /** The monitor, connected again if need be. Throws `timeout` or `disconnected`. */
  qmp(): Promise<Qmp> {
    if (this.#qmp) return Promise.resolve(this.#qmp);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(): Promise<Qmp> {
    const qmp = await openQmp(await connectUnix(this.files.qmp), {
      onEvent: (name, data) => {
        // The event of the stop itself comes after it.
        if (name === 'BLOCK_IO_ERROR' && data.action === 'stop') this.#diskNote = ioErrorNote(data);
        if (name === 'RESUME') this.#diskNote = null;
        if (this.#asking) return;
        if (name === 'STOP') this.#events.onPaused(true, this.#diskNote);
        if (name === 'RESUME') this.#events.onPaused(false, null);
      },
      onClose: () => {
        this.#qmp = null;
        void this.#closed();
      },
    });
    this.#qmp = qmp;
    return qmp;
  }

  /** Whether it stands still, and why when nobody asked for it (as a sentence). */
  async status(): Promise<{ paused: boolean; note: string | null }> {
    const found = (await (await this.qmp()).execute('query-status')) as { running?: boolean; status?: string };
    // By default QEMU stops for want of space alone; other errors are the guest's to see.
    return { paused: found.running !== true, note: found.status === 'io-error' ? DISK_FULL_NOTE : null };
  }

  /** Whether the guest has the port of this chardev open. */
  async #listens(chardev: string): Promise<boolean> {
    const all = (await (await this.qmp()).execute('query-chardev')) as { label: string; 'frontend-open': boolean }[];
    return all.some((one) => one.label === chardev && one['frontend-open']);
  }

  async paused(): Promise<boolean> {
    return (await this.status()).paused;
  }

  async setPaused(paused: boolean): Promise<void> {
    this.#asking = true;
    try {
      await (await this.qmp()).execute(paused ? 'stop' : 'cont');
    } finally {
      this.#asking = false;
    }
  }

  /** A sentence for whoever looks at the guest. */
  note(sentence: string): void {
    this.#events.onNote(sentence);
  }

  /** Checks now whether it ended. */
  look(): void {
    if (this.#over) return;
    if (!isAlive(this.record.qemu)) void this.#end();
    else void this.#folders.look();
  }

  async #closed(): Promise<void> {
    const until = performance.now() + END_TIMEOUT_MS;
    while (!this.#over && performance.now() < until) {
      this.look();
      await sleep(10, undefined, { ref: false });
    }
  }

  async #end(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.sessions.over();
    this.release();
    const exit = await exitOf(this.guestId, this.files, this.record, this.exitSignal);
    this.#finish(exit);
    this.#events.onEnded(exit, this.record);
  }

  /** Lets go of it without ending it. */
  release(): void {
    this.#over = true;
    clearInterval(this.#timer);
    clearInterval(this.#rotation);
    this.#watcher?.close();
    this.sessions.release();
    this.guestAgent.close();
    this.#qmp?.close();
    this.#counters.close();
  }
}

interface BlockStats {
  readonly stats: { readonly rd_operations?: number; readonly wr_operations?: number };
}

/** Of all its drives, as QEMU counts them. */
export function sumOperations(found: readonly BlockStats[]): Pick<Counters, 'diskReadOps' | 'diskWriteOps'> {
  const sum = (key: keyof BlockStats['stats']) => found.reduce((total, { stats }) => total + (stats[key] ?? 0), 0);
  return { diskReadOps: sum('rd_operations'), diskWriteOps: sum('wr_operations') };
}

/** How a machine that is gone ended: its command's exit code if init could still tell it. */
export async function exitOf(
  guestId: string,
  files: MachinePaths,
  { reporter, startedAt }: RunRecord,
  signal: number | null,
): Promise<GuestExit> {
  // One that came too late for a QEMU that ended at once waits for ever.
  if (reporter && !(await ended(reporter, REPORT_TIMEOUT_MS))) signalProcess(reporter, 'SIGKILL');
  const { exitCode } = await readAgent(files);
  const outOfMemory = exitCode === null && ranOutOfMemory(guestId);
  const crash =
    exitCode === null
      ? ((await panicIn(files.serialLog, startedAt).catch(() => null)) ??
        (await failureIn(files.qemuLog, startedAt).catch(() => null)))
      : null;
  return {
    code: exitCode,
    signal: exitCode === null ? signal : null,
    outOfMemory,
    ...(crash === null ? {} : { crash }),
    at: Date.now(),
  };
}

/** Connects to the monitor of a QEMU that was just spawned. `failed`: answers why once it is known to be dead. */
export async function awaitMonitor(
  machine: LiveMachine,
  failed: () => boolean,
  timeoutMs: number,
  abort: AbortSignal,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    abort.throwIfAborted();
    try {
      await machine.qmp();
      return;
    } catch (error) {
      if (failed()) throw error;
      // A QEMU that reads a large memory, or a host that is very busy, keeps it waiting.
      const early = error instanceof GuesthouseError && ['disconnected', 'timeout'].includes(error.code);
      if (!early || performance.now() > until) throw error;
      await sleep(4);
    }
  }
}

/** Of a BLOCK_IO_ERROR event (QEMU's block-core schema). */
function ioErrorNote(data: Record<string, unknown>): string {
  if (data.nospace === true) return DISK_FULL_NOTE;
  const reason = typeof data.reason === 'string' ? data.reason.slice(0, 200) : 'no reason given';
  return `The disk cannot be used: ${reason}. Mend that and resume.`;
}
