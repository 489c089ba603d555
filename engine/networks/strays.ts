/**
 * Holders no record speaks of: an engine was killed between starting one and writing `house.json`, or the record was
 * lost. Every holder carries its run folder in its environment, so they are found in /proc.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../contract/errors.ts';
import { type ProcessRef, processRef, signalProcess } from '../host/process-ref.ts';
import { allPids, childrenOf, commandOf } from './processes.ts';

const VARIABLE = 'GUESTHOUSE_HOUSE';
const END_TIMEOUT_MS = 5_000;

/** Environment a holder is started with. */
export function holderMark(runFolder: string): Record<string, string> {
  return { [VARIABLE]: runFolder };
}

/** The sleeping process of a house that is at work, services and all; null without one. */
export function strayAtWork(runFolder: string): ProcessRef | null {
  const sleeper = marked(runFolder).find(
    ({ pid }) => commandOf(pid) === 'sleep' && childrenOf(pid).some((child) => commandOf(child) === 'slirp4netns'),
  );
  return sleeper ?? null;
}

/** Ends everything that was started as a holder of this run folder. Resolves when it is gone. */
export async function endStrays(runFolder: string): Promise<number> {
  const found = marked(runFolder);
  const deadline = performance.now() + END_TIMEOUT_MS;
  for (let left = found; left.length > 0; left = marked(runFolder)) {
    if (performance.now() > deadline) {
      const pids = left.map(({ pid }) => pid).join(', ');
      throw new GuesthouseError({ code: 'timeout', message: `Processes of the house did not end: ${pids}.` });
    }
    for (const ref of left) signalProcess(ref, 'SIGKILL');
    await sleep(5);
  }
  return found.length;
}

/** The holder, and the program that started it and waits for it. */
function marked(runFolder: string): ProcessRef[] {
  const mark = `${VARIABLE}=${runFolder}`;
  return allPids()
    .filter((pid) => environmentOf(pid).includes(mark))
    .map(processRef)
    .filter((ref) => ref !== null);
}

/** Empty for another user's process: the kernel does not show it to us. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
