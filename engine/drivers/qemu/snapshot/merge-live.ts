/** A layer under the files of a running machine is copied into the one over it, and taken out from under it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT_DISK } from '../../../contract/disk.ts';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { OperationContext } from '../../driver.ts';
import { deviceName, ROOT_DEVICE } from '../disk/blockdev.ts';
import { chainOf, drives } from '../disk/drives.ts';
import type { Backing } from '../layers/record.ts';
import type { LiveMachine } from '../live.ts';
import type { Qmp } from '../qmp/client.ts';

const LOOK_MS = 50;

interface Merge {
  readonly frozen: string;
  readonly merged: string;
  readonly isTop: boolean;
  readonly behind: Backing | null;
}

interface Job {
  readonly id: string;
  readonly status: string;
  readonly 'current-progress': number;
  readonly 'total-progress': number;
  readonly error?: string;
}

/** Answers false where it has to wait until the machine does not run: QEMU has the file over it open for reading alone. */
export async function mergeLive(
  machine: LiveMachine,
  disk: string,
  { isTop, behind }: Merge,
  operation: OperationContext,
): Promise<boolean> {
  if (!isTop) return false;
  const qmp = await machine.qmp();
  const drive = (await drives(qmp)).get(disk === ROOT_DISK ? ROOT_DEVICE : deviceName(disk));
  if (!drive?.node) return false;
  const chain = await chainOf(qmp, drive.node);
  // The second is the layer; the third, if there is one, is what stays behind.
  const base = chain[2];
  if (chain.length < 2 || (behind !== null && base === undefined)) return false;
  const job = `merge-${disk}`;
  await qmp.execute('block-stream', {
    'job-id': job,
    device: drive.node,
    ...(base === undefined || behind === null ? {} : { 'base-node': base, 'backing-file': behind.name }),
    'auto-dismiss': false,
  });
  await whenDone(qmp, job, disk, operation);
  return true;
}

async function whenDone(qmp: Qmp, id: string, disk: string, operation: OperationContext): Promise<void> {
  for (let isCancelled = false; ; ) {
    const job = ((await qmp.execute('query-jobs')) as Job[]).find((one) => one.id === id);
    if (!job) return;
    const [done, total] = [job['current-progress'], job['total-progress']];
    operation.progress({
      step: `Merging what the snapshot held of ${disk}`,
      fraction: total > 0 ? done / total : null,
    });
    if (job.status === 'concluded') {
      await qmp.execute('job-dismiss', { id });
      if (isCancelled) operation.signal.throwIfAborted();
      if (job.error === undefined) return;
      throw new GuesthouseError({
        code: 'resources',
        message: `The layer of ${disk} could not be merged.`,
        subject: disk,
        cause: job.error.slice(0, 400),
        hint: 'Look whether the disk of the host is full. Nothing is lost; it is tried again with the next snapshot.',
      });
    }
    if (operation.signal.aborted && !isCancelled) {
      isCancelled = true;
      await qmp.execute('job-cancel', { id });
    }
    await sleep(LOOK_MS);
  }
}
