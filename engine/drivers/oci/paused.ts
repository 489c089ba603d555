/** Pausing a container: by its control group, else by stopping its processes one by one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessRef } from '../../host/process-ref.ts';
import { processTree } from '../../metrics/processes.ts';
import { cgroupFolders, setFrozen } from './cgroup.ts';
import { PAUSED_BY_SIGNAL } from './describe.ts';

/** Processes made while we stop others are caught in the next round. */
const ROUNDS = 5;
const ROUND_WAIT_MS = 5;

/** Answers the note to show, if pausing works less well here. */
export async function setPaused(
  guestId: string,
  main: ProcessRef,
  execs: readonly ProcessRef[],
  paused: boolean,
): Promise<string | null> {
  const folders = cgroupFolders(main.pid, guestId);
  if (folders && (await setFrozen(folders, paused))) return null;
  const signal = paused ? 'SIGSTOP' : 'SIGCONT';
  const stopped = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const found = [main, ...execs].flatMap(({ pid }) => processTree(pid)).filter((pid) => !stopped.has(pid));
    if (found.length === 0) break;
    for (const pid of found) {
      stopped.add(pid);
      try {
        process.kill(pid, signal);
      } catch {
        // ended meanwhile
      }
    }
    await sleep(ROUND_WAIT_MS);
  }
  return paused ? PAUSED_BY_SIGNAL : null;
}
