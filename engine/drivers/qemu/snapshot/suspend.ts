/** A machine's memory is kept and the machine ended: it goes on from there when it is started. */
import { GuesthouseError } from '../../../contract/errors.ts';
import { ended } from '../../../host/process-ref.ts';
import type { GuestRecord, OperationContext } from '../../driver.ts';
import type { LiveMachine } from '../live.ts';
import { saveMemory } from '../memory/save.ts';
import { memoryFile, shapeOf, writeShape } from '../memory/shape.ts';
import { killMachine } from '../stop.ts';
import { outsideOf } from './take.ts';

const QUIT_TIMEOUT_MS = 5_000;

/** Until QEMU is ended, a failure lets it go on. */
export async function suspendMachine(
  machine: LiveMachine,
  guest: GuestRecord,
  folder: string,
  operation: OperationContext,
  kept: () => Promise<void>,
): Promise<void> {
  const outside = outsideOf(guest.spec);
  if (outside !== null) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${guest.spec.name} cannot be suspended.`,
      subject: guest.spec.name,
      cause: outside,
      hint: 'Pause it, or stop it.',
    });
  }
  await machine.sessions.still(async () => {
    const qmp = await machine.qmp();
    const wasPaused = await machine.paused();
    const shape = await shapeOf(machine, wasPaused);
    await machine.setPaused(true);
    try {
      const saved = await saveMemory(qmp, memoryFile(folder), guest.spec.name, operation);
      await saved.durable();
      await writeShape(folder, shape);
      await kept();
    } catch (error) {
      if (!wasPaused) await machine.setPaused(false);
      throw error;
    }
    // Its disks were let go of with the memory: nothing is written any more.
    await qmp.execute('quit').catch(() => {});
    if (!(await ended(machine.record.qemu, QUIT_TIMEOUT_MS))) await killMachine(machine);
  });
}
