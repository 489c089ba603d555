/** The containers that run now: watched for their end, and cleaned up after it. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestExit } from '../../contract/guest.ts';
import { guestRunFolder } from '../../host/paths.ts';
import { run } from '../../host/process.ts';
import { isAlive, signalProcess } from '../../host/process-ref.ts';
import type { CounterSource } from '../../metrics/processes.ts';
import { openProcesses, processTree } from '../../metrics/processes.ts';
import type { DriverContext } from '../driver.ts';
import type { Attachment } from './attach.ts';
import { type CgroupFolders, cgroupFolders, openCgroupCounters, outOfMemoryKills, removeGroups } from './cgroup.ts';
import type { ExecSession } from './exec.ts';
import type { Poller } from './poller.ts';
import { unmountRootfs } from './rootfs.ts';
import { killStrayConmon, type RunRecord, readExit, readRunRecord, writeRunRecord } from './run-record.ts';
import type { RuntimeProbe } from './runtime.ts';

const DELETE_TIMEOUT_MS = 20_000;
/** How long cleaning up waits for the end to be told, when nobody waits for the cleaning up (ms). */
const TELL_MS = 1_000;
/** How long exec sessions may take to notice that their container is gone. */
const EXEC_END_MS = 2_000;

export interface Run {
  readonly guestId: string;
  readonly folder: string;
  record: RunRecord;
  readonly execs: Map<string, ExecSession>;
  /** Those that had ended when this engine came, until they were shown once. */
  readonly endedExecs: ExecSession[];
  /** Joined to its output since before it ran, for the one session that takes it over. */
  attached: Attachment | null;
  /** Resolves when the program and its conmon are gone. */
  readonly exited: Promise<GuestExit>;
  readonly counters: CounterSource;
}

interface CleaningUp {
  readonly work: Promise<void>;
  /** Somebody waits for it. */
  readonly hurry: () => void;
}

export interface Runs {
  get(guestId: string): Run | undefined;
  all(): readonly Run[];
  /**
   * Begins to watch a program that was made or met again. `starting`: the runtime is still at work on it, so nothing
   * is cleaned up before it settles, however soon the program ends.
   */
  watch(guestId: string, record: RunRecord, starting?: Promise<unknown>): Run;
  update(run: Run, change: Partial<RunRecord>): void;
  /** How the last run ended, when this engine saw it. */
  lastExit(guestId: string): GuestExit | null;
  forget(guestId: string): void;
  /** Takes away what a run left: runtime state, mounts, network, run folder. Idempotent, one at a time per guest. */
  cleanUp(guestId: string): Promise<void>;
  /** Resolves when no clean-up is going on (for this guest). */
  settled(guestId?: string): Promise<void>;
  close(): Promise<void>;
}

export function createRuns(
  context: DriverContext,
  poller: Poller,
  probe: () => Promise<RuntimeProbe>,
  runtimeRoot: string,
): Runs {
  const { paths, house, log } = context;
  const runs = new Map<string, Run & { stop(): void }>();
  const exits = new Map<string, GuestExit>();
  const cleaning = new Map<string, CleaningUp>();

  function watch(guestId: string, record: RunRecord, starting?: Promise<unknown>): Run {
    const folder = guestRunFolder(paths, guestId);
    const folders = cgroupFolders(record.main.pid, guestId);
    const execs = new Map<string, ExecSession>();
    const { promise, resolve } = Promise.withResolvers<GuestExit>();
    const run: Run & { stop(): void } = {
      guestId,
      folder,
      record,
      execs,
      endedExecs: [],
      attached: null,
      exited: promise,
      counters: folders
        ? openCgroupCounters(folders)
        : openProcesses(() =>
            [run.record.main, ...[...execs.values()].map((exec) => exec.main)].flatMap(({ pid }) => processTree(pid)),
          ),
      stop: poller.watchProcess(record.conmon, () => ended(run, folders, resolve, starting)),
    };
    runs.set(guestId, run);
    exits.delete(guestId);
    return run;
  }

  function ended(
    run: Run,
    folders: CgroupFolders | null,
    resolve: (exit: GuestExit) => void,
    starting?: Promise<unknown>,
  ): void {
    // conmon may have been killed: nobody holds the terminal any more and nobody would see the program's end.
    if (isAlive(run.record.main)) signalProcess(run.record.main, 'SIGKILL');
    const found = readExit(run.folder, run.guestId);
    const outOfMemory = found?.code === 137 && (found.outOfMemory || (folders ? outOfMemoryKills(folders) > 0 : false));
    const exit = found ? { ...found, outOfMemory } : { code: null, signal: null, outOfMemory: false, at: Date.now() };
    if (!found) log.warn('the monitor of a container was lost', { guest: run.guestId });
    run.counters.close();
    runs.delete(run.guestId);
    exits.set(run.guestId, exit);
    resolve(exit);
    const told = context.onExited(run.guestId, exit, run.record.startedAt);
    const after = [
      starting,
      ...[...run.execs.values()].map((exec) => Promise.race([exec.exited, sleep(EXEC_END_MS, null, { ref: false })])),
    ];
    cleanUp(run.guestId, after, told).catch((error) =>
      log.error('could not clean up after a container', { guest: run.guestId, error }),
    );
  }

  /** `told`: what should come first, because it is waited for and this is not; a hurried clean-up does not wait for it. */
  function cleanUp(guestId: string, after: readonly unknown[] = [], told?: Promise<void>): Promise<void> {
    const before = cleaning.get(guestId);
    if (before) {
      before.hurry();
      return before.work;
    }
    const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();
    const work = (async () => {
      const folder = guestRunFolder(paths, guestId);
      if (!existsSync(folder)) return;
      await Promise.allSettled(after);
      if (told) await Promise.race([told, hurried, sleep(TELL_MS, null, { ref: false })]);
      endLeftovers(folder);
      await house.ensure();
      const { choice } = await probe();
      const state = join(runtimeRoot, guestId);
      if (choice && existsSync(state)) {
        const words = [choice.path, ...choice.args, '--root', runtimeRoot, 'delete', '--force', guestId];
        const inside = house.inside({ network: false });
        await run(words, { inside, timeoutMs: DELETE_TIMEOUT_MS }).catch((error) =>
          log.warn('the runtime could not delete a container', { guest: guestId, error }),
        );
      }
      const parent = choice?.cgroupParent ?? null;
      const [left] = await Promise.all([
        parent === null ? [] : removeGroups(`${parent}/${guestId}`),
        unmountRootfs(house, paths, guestId),
        house.detach(guestId),
      ]);
      if (left.length > 0) log.warn('control groups of a container would not go', { guest: guestId, left });
      rmSync(state, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    })().finally(() => cleaning.delete(guestId));
    cleaning.set(guestId, { work, hurry });
    return work;
  }

  async function allDone(some: readonly (CleaningUp | undefined)[]): Promise<void> {
    for (const one of some) one?.hurry();
    await Promise.allSettled(some.map((one) => one?.work));
  }

  return {
    get: (guestId) => runs.get(guestId),
    all: () => [...runs.values()],
    watch,
    update(run, change) {
      run.record = { ...run.record, ...change };
      writeRunRecord(run.folder, run.record);
    },
    lastExit: (guestId) => exits.get(guestId) ?? null,
    forget: (guestId) => exits.delete(guestId),
    cleanUp: (guestId) => cleanUp(guestId),
    async settled(guestId) {
      await allDone(guestId === undefined ? [...cleaning.values()] : [cleaning.get(guestId)]);
    },
    async close() {
      for (const run of runs.values()) {
        run.stop();
        run.counters.close();
        for (const exec of run.execs.values()) exec.stop();
      }
      runs.clear();
      await allDone([...cleaning.values()]);
    },
  };
}

/** Ends whatever still lives of a run: its program, its conmon, those of its exec sessions. */
function endLeftovers(folder: string): void {
  for (const one of [folder, ...execFolders(folder)]) {
    const record = readRunRecord(one);
    if (record) for (const ref of [record.main, record.conmon]) signalProcess(ref, 'SIGKILL');
    killStrayConmon(one);
  }
}

export function execFolders(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^exec-[0-9a-f]{8}$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
