/** The machines of libvirt and VirtualBox on this host: found, and imported while nobody runs them. */
import { access, constants, stat } from 'node:fs/promises';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import type { FoundMachine, FoundMachines, OtherProgram } from '../../contract/found.ts';
import type { Imported } from '../file/import.ts';
import { inWorkFolder } from '../file/work-folder.ts';
import type { ForeignMachine } from '../foreign/machine.ts';
import { takeMachine } from '../foreign/take.ts';
import type { GuestRooms } from '../rooms.ts';
import { listLibvirt } from './libvirt.ts';
import { listVirtualBox } from './virtualbox.ts';

/** One of theirs, before anybody asked for it. */
export interface Candidate {
  readonly program: OtherProgram;
  /** The program's own number of it. */
  readonly id: string;
  readonly name: string;
  readonly isRunning: () => Promise<boolean>;
  /** Throws what is wrong with its description. */
  readonly describe: () => Promise<ForeignMachine>;
}

export interface Listing {
  readonly candidates: readonly Candidate[];
  readonly notes: readonly string[];
}

const REF = /^(libvirt|libvirt-session|virtualbox):(.+)$/s;

export async function findMachines(): Promise<FoundMachines> {
  const { candidates, notes } = await list();
  const machines = await Promise.all(candidates.map(shown));
  return { machines: machines.sort((a, b) => a.name.localeCompare(b.name)), notes };
}

/** `ref`: the program and the machine's number or name. Throws `not-found`, `wrong-state` while it runs, and more. */
export async function importFound(rooms: GuestRooms, ref: string, name: string | undefined): Promise<Imported> {
  const candidate = await requireOne(ref);
  const wish = {
    verb: 'import-guest',
    targetId: null,
    target: name ?? line(candidate.name),
    cancellable: true,
  } as const;
  return rooms.context.operations.run(wish, async (operation) => {
    operation.progress({ step: `Looking at ${line(candidate.name)}`, fraction: null });
    await requireStopped(candidate);
    const machine = await candidate.describe();
    return inWorkFolder(rooms.context.paths.home, async (folder) => {
      const imported = await takeMachine(rooms, machine, name, folder, operation);
      // Whoever started it meanwhile wrote to what was being copied.
      await requireStopped(candidate);
      return imported;
    });
  });
}

async function list(): Promise<Listing> {
  const all = await Promise.all([listLibvirt('libvirt'), listLibvirt('libvirt-session'), listVirtualBox()]);
  return { candidates: all.flatMap(({ candidates }) => candidates), notes: all.flatMap(({ notes }) => notes) };
}

async function requireOne(ref: string): Promise<Candidate> {
  const [, program, wanted] = REF.exec(ref) ?? [];
  if (program === undefined)
    throw new GuesthouseError({
      code: 'invalid',
      message: `${JSON.stringify(line(ref))} names no machine of another program.`,
      subject: 'ref',
      hint: 'Write the program and the name: `libvirt:web`, `libvirt-session:web` or `virtualbox:web`.',
    });
  const { candidates, notes } = await list();
  const own = candidates.filter((one) => one.program === program);
  const found = own.find(({ id }) => id === wanted) ?? own.find((one) => one.name === wanted);
  if (found) return found;
  throw new GuesthouseError({
    code: 'not-found',
    message: `${PROGRAMS[program as OtherProgram]} has no machine ${JSON.stringify(line(wanted ?? ''))}.`,
    subject: line(ref),
    ...(notes.length > 0 ? { cause: notes.join(' ') } : {}),
    hint: 'See `guesthouse find`.',
  });
}

const PROGRAMS: Readonly<Record<OtherProgram, string>> = {
  libvirt: 'libvirt',
  'libvirt-session': "This user's libvirt",
  virtualbox: 'VirtualBox',
};

async function requireStopped({ name, isRunning, program }: Candidate): Promise<void> {
  if (!(await isRunning())) return;
  throw new GuesthouseError({
    code: 'wrong-state',
    message: `${line(name)} is running in ${PROGRAMS[program]}.`,
    subject: line(name),
    cause: 'A disk that is written to meanwhile would be copied in a state it never had.',
    hint: 'Shut it down there, then import it.',
  });
}

async function shown({ program, id, name, isRunning, describe }: Candidate): Promise<FoundMachine> {
  const base = { ref: `${program}:${id}`, program, name: line(name), running: await isRunning() };
  try {
    const { cpus, memoryMib, disks } = await describe();
    const unreadable = await firstUnreadable(disks.map(({ path }) => path));
    const why = base.running
      ? 'It is running.'
      : unreadable === null
        ? disks.length === 0
          ? 'It has no disk.'
          : null
        : `Its disk ${line(unreadable)} cannot be read by this user.`;
    return {
      ...base,
      cpus,
      memoryMib,
      disks: disks.length,
      sizeBytes: await sizeOf(disks.map(({ path }) => path)),
      why,
    };
  } catch (error) {
    const { message } = toErrorShape(error);
    return { ...base, cpus: null, memoryMib: null, disks: 0, sizeBytes: null, why: message };
  }
}

async function firstUnreadable(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const isReadable = await access(path, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (!isReadable) return path;
  }
  return null;
}

async function sizeOf(paths: readonly string[]): Promise<number | null> {
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ blocks }) => blocks * 512,
        () => null,
      ),
    ),
  );
  return sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

/** Names of others, on one line and not turned around. */
function line(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').slice(0, 200);
}
