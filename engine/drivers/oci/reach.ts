/** Reaching into containers: their logs, files and changes, and the tools lent to them. */
import { setImmediate } from 'node:timers/promises';
import type { FileChange } from '../../contract/files.ts';
import type { DriverContext, GuestRecord } from '../driver.ts';
import type { GuestFiles, LogPiece, LogRequest } from '../reach.ts';
import { changesOf } from './changes.ts';
import { lendTools } from './files/borrowed.ts';
import { filesOf } from './files/index.ts';
import { createToolbox } from './files/toolbox.ts';
import { createVisits } from './files/visits.ts';
import { followLog } from './log.ts';
import { holdLog, isHeld } from './log-files.ts';
import type { Runs } from './runs.ts';
import { logFile } from './start.ts';

/** A program that writes faster than a whole log file in this time loses the middle of its log (ms). */
const HOLD_LOGS_MS = 10_000;
/** Logs looked at before others have their turn. */
const HELD_AT_ONCE = 100;

export interface Reach {
  log(guest: GuestRecord, request: LogRequest): AsyncIterable<LogPiece>;
  files(guest: GuestRecord): GuestFiles;
  diff(guest: GuestRecord): Promise<FileChange[]>;
  /** Puts a shell and tools into a running container. */
  lend(guest: GuestRecord): Promise<void>;
  /** Before the guest's root is mounted for a run. Throws `busy` while somebody copies. */
  vacate(guest: GuestRecord): Promise<void>;
  /** Ends whatever reaches into the guest, and waits for it. */
  evict(guestId: string): Promise<void>;
  close(): Promise<void>;
}

export function createReach(context: DriverContext, runs: Runs): Reach {
  const toolbox = createToolbox(context.paths, context.house);
  const visits = createVisits(context, runs, toolbox);
  // Of each log that began anew the file before it is kept, while somebody looks (log-files.ts).
  const holding = setInterval(async () => {
    for (const [index, { guestId }] of runs.all().entries()) {
      const path = logFile(context, guestId);
      if (!isHeld(path)) await holdLog(path);
      if (index % HELD_AT_ONCE === HELD_AT_ONCE - 1) await setImmediate();
    }
  }, HOLD_LOGS_MS);
  holding.unref();

  return {
    log(guest, request) {
      const ended = runs.get(guest.id)?.exited ?? null;
      return followLog(logFile(context, guest.id), { ...request, ended });
    },
    files: (guest) => filesOf(context, visits, guest),
    diff: async (guest) => changesOf(context, await toolbox(), guest),
    async lend(guest) {
      const visit = await visits.enter(guest);
      try {
        await lendTools(visit.root, await toolbox());
      } finally {
        visit.leave();
      }
    },
    vacate: (guest) => visits.vacate(guest),
    evict: (guestId) => visits.evict(guestId),
    close() {
      clearInterval(holding);
      return visits.close();
    },
  };
}
