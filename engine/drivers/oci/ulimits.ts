/** Resource limits of a container's programs (setrlimit(2)): never above what this process may give. */
import { readFileSync } from 'node:fs';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Ulimit } from '../../contract/guest.ts';
import { ULIMIT_LINES } from '../../host/kernel-names.ts';
import { boundingOf } from './capabilities.ts';

/** Descriptors a program may open when nothing is asked, where the host allows as many. */
const MAX_OPEN_FILES = 1_048_576;

/** As the OCI runtime-spec has it. */
export interface Rlimit {
  readonly type: string;
  readonly hard: number;
  readonly soft: number;
}

/** Hard limits in force by name; Infinity: none. */
export type HardLimits = ReadonlyMap<string, number>;

/** `hard`: null when this process may raise them. Throws `resources` for more than can be given. Pure. */
export function rlimits(asked: readonly Ulimit[], hard: HardLimits, mayRaise: boolean): Rlimit[] {
  const openFiles = Math.min(hard.get('nofile') ?? MAX_OPEN_FILES, MAX_OPEN_FILES);
  const limits = new Map([['nofile', { soft: openFiles, hard: openFiles }]]);
  for (const { name, soft, hard: wanted } of asked) {
    const most = hard.get(name) ?? Number.POSITIVE_INFINITY;
    const value = (number: number) => (number < 0 ? Number.POSITIVE_INFINITY : number);
    if (value(wanted) > most && !mayRaise) {
      throw new GuesthouseError({
        code: 'resources',
        message: `The limit ${name} cannot be ${wanted < 0 ? 'lifted' : `${wanted}`} here.`,
        subject: name,
        cause: `Guesthouse itself was given ${most}.`,
        hint: `Ask for at most ${most}, or raise the limit of the session Guesthouse runs in.`,
      });
    }
    limits.set(name, { soft: value(soft), hard: value(wanted) });
  }
  return [...limits].map(([name, { soft, hard: most }]) => ({
    type: `RLIMIT_${name.toUpperCase()}`,
    hard: finite(most),
    soft: finite(soft),
  }));
}

/** RLIM_INFINITY is a number JavaScript cannot hold, but JSON can. */
function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  return (JSON as unknown as { rawJSON(text: string): number }).rawJSON('18446744073709551615');
}

/** Those of this process, which everything it starts begins with. */
export function ownHardLimits(): HardLimits {
  return hardLimitsIn(readFileSync('/proc/self/limits', 'latin1'));
}

/** Pure. */
export function hardLimitsIn(text: string): HardLimits {
  return new Map(
    Object.entries(ULIMIT_LINES).flatMap(([name, words]) => {
      const found = new RegExp(`^${words}\\s+\\S+\\s+(\\S+)`, 'm').exec(text)?.[1];
      return found === undefined ? [] : [[name, found === 'unlimited' ? Number.POSITIVE_INFINITY : Number(found)]];
    }),
  );
}

/** Only root of the host itself may raise a hard limit. */
export function mayRaiseLimits(): boolean {
  return process.getuid?.() === 0 && (boundingOf(process.pid)?.has('SYS_RESOURCE') ?? false);
}
