/**
 * Holders no record speaks of: an engine was killed between starting one and writing `house.json`, or the record was
 * lost. Every holder carries its home in its environment, so they are found in /proc.
 */
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../contract/errors.ts';
import { isAlive, type ProcessRef, processRef, signalProcess } from '../host/process-ref.ts';
import { allPids, commandOf, namespaceOf, processesIn, withDescendants } from './processes.ts';

const VARIABLE = 'GUESTHOUSE_HOUSE';
const END_TIMEOUT_MS = 5_000;

/** What a holder of this home has in its environment. By inode: the path may mean another home in a container. */
export function holderMark(home: string): Record<string, string> {
  const { dev, ino } = statSync(home);
  return { [VARIABLE]: `${dev}:${ino}` };
}

/** The sleeping process of a house without a record; null without one. */
export function straySleeper(home: string): ProcessRef | null {
  return marked(home).find(({ pid }) => commandOf(pid) === 'sleep') ?? null;
}

/**
 * Ends everything that was started as a holder of this home, and what lives in its house: no engine can reach that any
 * more, and would start a second copy beside it. What lives in the mount namespace `spared` stays: guests that are
 * known and survived their holder. Resolves with how many there were when all are gone.
 */
export async function endStrays(home: string, spared: string | null): Promise<number> {
  const first = marked(home);
  const outside = namespaceOf(process.pid, 'mnt') as string;
  const houses = new Set(first.map(({ pid }) => namespaceOf(pid, 'mnt')).filter((name) => name !== null));
  for (const name of [outside, spared]) if (name !== null) houses.delete(name);
  const deadline = performance.now() + END_TIMEOUT_MS;
  let left = first;
  while (left.length > 0) {
    if (performance.now() > deadline) {
      const pids = left.map(({ pid }) => pid).join(', ');
      throw new GuesthouseError({ code: 'timeout', message: `Processes of the house did not end: ${pids}.` });
    }
    // A container has a mount namespace of its own; it is found below its conmon, as long as that lives.
    const inside = withDescendants([...houses].flatMap(processesIn)).map(processRef);
    left = [...left, ...marked(home), ...inside].filter((ref) => ref !== null);
    for (const ref of left) signalProcess(ref, 'SIGKILL');
    await sleep(5);
    left = left.filter(isAlive);
  }
  return first.length;
}

/** The holder, and the program that started it and waits for it. */
function marked(home: string): ProcessRef[] {
  const mark = Object.entries(holderMark(home)).map(([name, value]) => `${name}=${value}`)[0] as string;
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
