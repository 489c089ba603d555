/** Says so when the program of a shared folder ended while its machine runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../host/process-ref.ts';
import type { LiveMachine } from './live.ts';

/** It ends with QEMU as well, which takes a moment to be gone (ms). */
const SETTLE_MS = 1_000;

export interface FolderWatch {
  /** Looks now. Never rejects. */
  look(): Promise<void>;
}

export function watchFolders(machine: Pick<LiveMachine, 'record' | 'alive' | 'note'>): FolderWatch {
  /** Processes whose end was seen. */
  const seen = new Set<number>();
  return {
    async look() {
      for (const { process, target } of machine.record.shares ?? []) {
        if (seen.has(process.pid) || isAlive(process)) continue;
        seen.add(process.pid);
        await sleep(SETTLE_MS, undefined, { ref: false });
        const isWanted = machine.record.shares?.some((share) => share.process.pid === process.pid);
        if (machine.alive && isWanted)
          machine.note(
            `The folder ${target} is not shared any more: its program (virtiofsd) ended. What uses it in the guest waits; restart the guest.`,
          );
      }
    },
  };
}
