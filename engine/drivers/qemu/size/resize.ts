/** A running machine gets the processors and the memory its spec names, as far as `fitsLive` (room.ts) says it can. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { GuestRecord } from '../../driver.ts';
import { limitMemory } from '../cgroup.ts';
import { plug, unplug } from '../hotplug.ts';
import type { LiveMachine } from '../live.ts';
import type { Qmp } from '../qmp/client.ts';
import { backend, idOf, MEMORY_BACKEND, memoryDevice, memoryOf, processorsOf } from './devices.ts';
import { keepsProcessors, type MachineSize, wholeCpus } from './room.ts';
import { beforeMemory, takeMemory, takeProcessors } from './tell-guest.ts';

const MIB = 1024 * 1024;
/** A guest that took nothing more for this long takes no more (ms). */
const STUCK_MS = 30_000;
const LOOK_MS = 50;

/** Throws at the first thing that does not work; asked again with the old spec, it goes back to that. */
export async function resize(machine: LiveMachine, { spec, id }: GuestRecord): Promise<void> {
  const { size, sharedMemory } = machine.record;
  if (!size) return;
  const qmp = await machine.qmp();
  await setProcessors(machine, qmp, wholeCpus(spec.cpus));
  const before = (await memoryOf(qmp))?.bytes ?? 0;
  const bytes = (spec.memoryMib - size.memoryMib) * MIB;
  if (before === bytes) return;
  if (bytes > before) limitMemory(id, spec.memoryMib);
  await setMemory(machine, qmp, bytes, { size, shared: sharedMemory === true });
  if (bytes < before) limitMemory(id, spec.memoryMib);
}

async function setProcessors(machine: LiveMachine, qmp: Qmp, wanted: number): Promise<void> {
  const all = await processorsOf(qmp);
  let count = all.filter((one) => one['qom-path']).length;
  if (count === wanted) return;
  for (const [place, one] of all.entries()) {
    if (count >= wanted) break;
    if (one['qom-path']) continue;
    await qmp.execute('device_add', { driver: one.type, id: `cpu${place}`, ...one.props });
    count++;
  }
  // Asked for when a change is taken back; what came then stays.
  const isKept = keepsProcessors(machine.record);
  for (const one of all.reverse()) {
    const id = idOf(one);
    if (isKept || count <= wanted) break;
    if (id === null) continue;
    await unplug(qmp, id);
    count--;
  }
  await takeProcessors(machine, wanted);
}

async function setMemory(
  machine: LiveMachine,
  qmp: Qmp,
  bytes: number,
  { size, shared }: { size: MachineSize; shared: boolean },
): Promise<void> {
  await beforeMemory(machine);
  if (await memoryOf(qmp)) {
    await qmp.execute('qom-set', { path: '/machine/peripheral/memory', property: 'requested-size', value: bytes });
  } else {
    await qmp.execute('object-add', backend((size.maxMemoryMib - size.memoryMib) * MIB, shared));
    await plug(qmp, memoryDevice(bytes)).catch(async (error) => {
      await qmp.execute('object-del', { id: MEMORY_BACKEND }).catch(() => {});
      throw error;
    });
  }
  await whenTaken(qmp, bytes);
  await takeMemory(machine);
}

/** The guest takes memory, and gives it back, when it can. */
async function whenTaken(qmp: Qmp, bytes: number): Promise<void> {
  let seen = -1;
  for (let since = performance.now(); ; await sleep(LOOK_MS)) {
    const taken = (await memoryOf(qmp))?.taken ?? 0;
    if (taken === bytes) return;
    if (taken !== seen) [seen, since] = [taken, performance.now()];
    if (performance.now() - since < STUCK_MS) continue;
    throw new GuesthouseError({
      code: 'timeout',
      message: `The guest ${taken < bytes ? 'does not take the memory' : 'does not give the memory back'}.`,
      subject: 'memoryMib',
      cause: `${Math.abs(bytes - taken) / MIB} MiB are left, and nothing moved for ${STUCK_MS / 1000} s.`,
      hint: 'Its system may still be starting, need the memory, or have no driver for it (Linux 5.8 and later: virtio_mem). Or stop it and change it then.',
    });
  }
}
