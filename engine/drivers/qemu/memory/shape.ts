/**
 * `shape.json` beside a kept memory: what QEMU and its devices have to be for it to fit again. The rest is in the guest's
 * spec, which is kept with it.
 */
import { join } from 'node:path';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { Accelerator, MachineFound } from '../../../contract/machine.ts';
import { readJson, writeAtomic } from '../../../host/files.ts';
import { readAgent } from '../agent.ts';
import { GENERATION_DEVICE } from '../argv/machine.ts';
import type { KeptLine } from '../argv/plan.ts';
import { nodeName } from '../disk/blockdev.ts';
import { pluggedLines } from '../exec/ports.ts';
import { isPlugged, placesOf } from '../hotplug.ts';
import type { LiveMachine } from '../live.ts';
import { type Grown, grownBy } from '../size/devices.ts';
import type { MachineSize } from '../size/room.ts';

export interface MemoryShape {
  readonly version: 1;
  /** Of QEMU: `7.2.22`. */
  readonly qemu: string;
  readonly accelerator: Accelerator;
  readonly board: string;
  readonly hardware: MachineFound | null;
  readonly hasCd: boolean;
  readonly ports: number;
  /** It has a `vmgenid` device. Left out: it has none. */
  readonly generation?: boolean;
  /** It has a balloon, for its statistics. Left out: it has none. */
  readonly balloon?: boolean;
  /** Its memory could be given to programs beside QEMU. Left out: it could not. */
  readonly sharedMemory?: boolean;
  /** Left out: it kept the size its spec names. */
  readonly size?: MachineSize | null;
  readonly grown?: Grown;
  /** By further disk. */
  readonly places: Readonly<Record<string, number>>;
  /** Ports of programs that were run in it from outside. Left out by versions that could not go on with any. */
  readonly lines?: readonly KeptLine[];
  /** It stood still. */
  readonly paused: boolean;
  /** Our init in it has said that it listens, and will not say so again. */
  readonly hello: boolean;
}

/** The type of a microVM's board. */
const MICRO_BOARD = 'microvm';

export const memoryFile = (folder: string) => join(folder, 'memory');
const shapeFile = (folder: string) => join(folder, 'shape.json');

/** While no program is begun or put away in it (`Sessions.still`). */
export async function shapeOf(machine: LiveMachine, paused: boolean): Promise<MemoryShape> {
  const qmp = await machine.qmp();
  const type = String(await qmp.execute('qom-get', { path: '/machine', property: 'type' }));
  const { ports, places } = await placesOf(qmp);
  const prefix = nodeName('');
  const disks = Object.entries(places).flatMap(([device, port]): [string, number][] =>
    device.startsWith(prefix) ? [[device.slice(prefix.length), port]] : [],
  );
  const { accelerator, hardware, hasCd, size, balloon, sharedMemory } = machine.record;
  return {
    version: 1,
    qemu: qmp.version,
    accelerator,
    board: type.replace(/-machine$/, ''),
    hardware: hardware ?? null,
    hasCd: hasCd ?? false,
    ports,
    generation: await isPlugged(qmp, GENERATION_DEVICE),
    balloon: balloon === true,
    sharedMemory: sharedMemory === true,
    ...(size ? { size, grown: await grownBy(qmp, places) } : {}),
    places: Object.fromEntries(disks),
    lines: await pluggedLines(qmp),
    paused,
    hello: machine.record.agent && (await readAgent(machine.files)).hello,
  };
}

export async function writeShape(folder: string, shape: MemoryShape): Promise<void> {
  await writeAtomic(shapeFile(folder), `${JSON.stringify(shape)}\n`);
}

/** Throws `bad-data` when it is missing or of a newer Guesthouse. */
export async function readShape(folder: string, guestName: string): Promise<MemoryShape> {
  const shape = await readJson<MemoryShape>(shapeFile(folder)).catch(() => null);
  if (shape?.version === 1) return shape;
  throw new GuesthouseError({
    code: 'bad-data',
    message: `The kept memory of ${guestName} cannot be used.`,
    subject: guestName,
    cause: 'What belongs to it is missing, damaged, or of a newer Guesthouse.',
    hint: WITHOUT,
  });
}

/** Throws `unsupported` where another kind of processor, or another QEMU than its board fits, would have to go on with it. */
export function requireFit(
  shape: MemoryShape,
  { accelerator, qemu }: { readonly accelerator: Accelerator; readonly qemu: { readonly version: string } },
  guestName: string,
): void {
  // That board has no versions which a later QEMU would still know.
  const isOther = shape.board === MICRO_BOARD && shape.qemu !== qemu.version;
  if (shape.accelerator === accelerator && !isOther) return;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `${guestName} cannot go on with its kept memory here.`,
    subject: guestName,
    cause: isOther
      ? `The memory of a microVM fits the QEMU that kept it alone: that was ${shape.qemu}, and here is ${qemu.version}.`
      : `It was kept under ${shape.accelerator}, and this host runs machines under ${accelerator}.`,
    hint: WITHOUT,
  });
}

export const WITHOUT = 'Give its memory up: `guesthouse stop` a suspended guest, or restore with --no-memory.';
