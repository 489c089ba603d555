/** How far a running machine's processors and memory can change. See decisions/0027-machines-that-grow.md. */
import { availableParallelism, totalmem } from 'node:os';
import type { GuestSpec } from '../../../contract/guest.ts';
import type { Accelerator, MachineFound } from '../../../contract/machine.ts';

const MIB = 1024 * 1024;
/** Linux takes memory in blocks of this size (x86_64). */
const BLOCK_MIB = 128;
/** What a machine gives back and takes at once (virtio-mem's block with huge pages of x86_64). */
const STEP_MIB = 2;

/**
 * From here on (q35, MiB) a machine has memory above 4 GiB, and Linux sets 64 MiB aside for devices that cannot reach it. It
 * would do so for memory that may come, too: 8 % of an emulated start, and half of a small machine's memory.
 */
const HAS_HIGH_MEMORY_MIB = 2816;

/** Of one run. The lower bounds are what it started with. */
export interface MachineSize {
  readonly cpus: number;
  readonly maxCpus: number;
  readonly memoryMib: number;
  readonly maxMemoryMib: number;
}

interface SizedRun {
  readonly size?: MachineSize | null;
  readonly accelerator?: Accelerator;
  readonly hardware?: Pick<MachineFound, 'system'>;
}

type Sized = Pick<GuestSpec, 'cpus' | 'memoryMib'>;

/**
 * Emulation never forgets a processor: each that ever came has a place of its own in QEMU, and one more than there are
 * places ends it (`n < tcg_max_ctxs`). So none is taken out, and there are never more of them than places.
 */
export const keepsProcessors = ({ accelerator }: SizedRun): boolean => accelerator === 'tcg';

/** What a running machine can have of them, as a sentence; null: it keeps what it has. `now`: its processors. */
export function liveRange(field: 'cpus' | 'memoryMib', run: SizedRun, now: number): string | null {
  const { size, hardware } = run;
  if (!size) return null;
  if (field === 'cpus') {
    if (size.maxCpus <= size.cpus) return null;
    if (keepsProcessors(run)) {
      const more = size.maxCpus > wholeCpus(now) ? `can have up to ${size.maxCpus} processors` : 'has all there are';
      return `While it runs it ${more}; an emulated one is not taken out again.`;
    }
    return `While it runs it can have ${size.cpus} (what it started with) to ${size.maxCpus} processors.`;
  }
  if (size.maxMemoryMib <= size.memoryMib || hardware?.system !== 'linux') return null;
  return `While it runs it can have ${size.memoryMib} (what it started with) to ${size.maxMemoryMib} MiB of memory, in steps of ${STEP_MIB}.`;
}

export const wholeCpus = (cpus: number) => Math.max(1, Math.ceil(cpus));

/** null: it keeps its size. `host`: for tests. */
export function sizeFor(
  { cpus, memoryMib, isolation }: Sized & Pick<GuestSpec, 'isolation'>,
  { architecture, firmware }: Pick<MachineFound, 'architecture' | 'firmware'>,
  host = { cpus: availableParallelism(), memoryMib: Math.floor(totalmem() / MIB) },
): MachineSize | null {
  if (isolation !== 'vm' || architecture !== 'x86_64') return null;
  // A kernel that we start is told to do without (argv/boot.ts).
  const costsNothing = firmware === 'none' || memoryMib >= HAS_HIGH_MEMORY_MIB;
  const more = costsNothing ? Math.max(0, host.memoryMib - memoryMib) : 0;
  return {
    cpus: wholeCpus(cpus),
    maxCpus: Math.max(wholeCpus(cpus), host.cpus),
    memoryMib,
    maxMemoryMib: memoryMib + more - (more % BLOCK_MIB),
  };
}

/** Memory comes by a driver that Linux alone is known to have. `now`: what the machine has. */
export function fitsLive(field: 'cpus' | 'memoryMib', next: Sized, run: SizedRun, now: Pick<Sized, 'cpus'>): boolean {
  const { size, hardware } = run;
  if (!size) return false;
  if (field === 'cpus') {
    const least = keepsProcessors(run) ? wholeCpus(now.cpus) : size.cpus;
    return wholeCpus(next.cpus) >= least && wholeCpus(next.cpus) <= size.maxCpus;
  }
  const more = next.memoryMib - size.memoryMib;
  const isPossible = more >= 0 && next.memoryMib <= size.maxMemoryMib && more % STEP_MIB === 0;
  return isPossible && hardware?.system === 'linux';
}
