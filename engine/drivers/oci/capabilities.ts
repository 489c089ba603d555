/** The kernel's capabilities (capabilities(7)) a container's programs hold: Podman's set, changed as asked. */
import { readFileSync } from 'node:fs';
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestSpec } from '../../contract/guest.ts';
import { CAPABILITY_NAMES, plainCapability } from '../../host/kernel-names.ts';

/** Podman's default set: enough to be root among one's own files and processes, nothing of the host. */
const DEFAULT = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const;

/** Names as the runtime writes them (`CAP_CHOWN`), sorted. */
export interface CapabilitySets {
  /** What any program of the container may come to hold. */
  readonly bounding: readonly string[];
  /** What a program of another user than root holds too: exactly what was asked for by name. */
  readonly named: readonly string[];
}

/**
 * `possible`: what can be given here, names without `CAP_`; null: not known, so everything. `ALL` means all of these;
 * a single one that is not among them is refused with `unsupported`.
 */
export function capabilitySets(
  asked: GuestSpec['capabilities'],
  possible: ReadonlySet<string> | null = null,
): CapabilitySets {
  const all = CAPABILITY_NAMES.filter((name) => possible?.has(name) ?? true);
  const add = asked.add.map(plainCapability);
  const drop = new Set(asked.drop.map(plainCapability));
  const missing = add.find((name) => name !== 'ALL' && !all.some((one) => one === name));
  if (missing !== undefined) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `The capability ${missing} cannot be given to a container here.`,
      subject: missing,
      cause: 'Guesthouse itself does not hold it.',
      hint: 'Leave it out, or run Guesthouse with more rights.',
    });
  }
  const named = new Set<string>(add.includes('ALL') ? all : add);
  const kept = drop.has('ALL') ? [] : DEFAULT.filter((name) => possible?.has(name) ?? true);
  const bounding = new Set<string>([...kept, ...named]);
  for (const name of drop) {
    bounding.delete(name);
    named.delete(name);
  }
  const written = (names: ReadonlySet<string>) => [...names].map((name) => `CAP_${name}`).sort();
  return { bounding: written(bounding), named: written(named) };
}

/** What a process' children may hold (`CapBnd` of proc_pid_status(5)); null when it cannot be read. */
export function boundingOf(pid: number): ReadonlySet<string> | null {
  try {
    return capabilitiesIn(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return null;
  }
}

/** Pure. */
export function capabilitiesIn(status: string): ReadonlySet<string> | null {
  const hex = /^CapBnd:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1];
  if (hex === undefined) return null;
  const mask = BigInt(`0x${hex}`);
  return new Set(CAPABILITY_NAMES.filter((_, bit) => (mask >> BigInt(bit)) & 1n));
}
