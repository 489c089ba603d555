/** The CD in the drive of a machine that runs: taken out, and another put in. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { Qmp } from '../qmp/client.ts';
import { handOver, takeBack } from '../qmp/hand-over.ts';
import { CD_DEVICE, readOnlyNode } from './blockdev.ts';
import { type Drive, deleteNode, drives } from './drives.ts';

/** A system that has the medium mounted is asked to let go of it first; after this long the drive is opened anyway (ms). */
const ASK_MS = 3_000;
const LOOK_MS = 100;

/** `path`: of the new medium; null: the drive stays empty. Nothing happens when it is in already. */
export async function changeMedium(qmp: Qmp, path: string | null): Promise<void> {
  const drive = await cdDrive(qmp);
  if (drive.node !== null) {
    if (path !== null && (await mediumOf(qmp, drive)) === path) return;
    await eject(qmp, drive);
  }
  if (path === null) return;
  const handed = await handOver(qmp, path, 'read');
  const node = `cd-${handed.set}`;
  try {
    await qmp.execute('blockdev-add', { 'node-name': node, ...readOnlyNode({ file: handed.name, format: 'raw' }) });
    await openTray(qmp, drive);
    await qmp.execute('blockdev-insert-medium', { id: drive.path, 'node-name': node });
    await qmp.execute('blockdev-close-tray', { id: drive.path });
  } catch (error) {
    await qmp.execute('blockdev-del', { 'node-name': node }).catch(() => {});
    await takeBack(qmp, handed.set).catch(() => {});
    throw error;
  }
}

async function eject(qmp: Qmp, drive: Drive): Promise<void> {
  await openTray(qmp, drive);
  await qmp.execute('blockdev-remove-medium', { id: drive.path });
  await deleteNode(qmp, drive.node as string);
  for (const file of drive.files) await takeBack(qmp, Number(file.split('/').at(-1))).catch(() => {});
}

async function openTray(qmp: Qmp, { path }: Drive): Promise<void> {
  const until = performance.now() + ASK_MS;
  for (let isForced = false; !(await cdDrive(qmp)).isTrayOpen; ) {
    isForced ||= performance.now() > until;
    // Refused while the guest has locked it, which then hears of the wish as of a pressed button.
    await qmp.execute('blockdev-open-tray', { id: path, force: isForced }).catch((error: GuesthouseError) => {
      if (isForced || !/locked/.test(String(error.cause))) throw error;
    });
    await sleep(LOOK_MS);
  }
}

async function cdDrive(qmp: Qmp): Promise<Drive> {
  const drive = (await drives(qmp)).get(CD_DEVICE);
  if (drive) return drive;
  throw new GuesthouseError({
    code: 'wrong-state',
    message: 'The machine has no drive for a CD.',
    subject: 'iso',
    hint: 'Stop it first: it is given one when it starts with a medium.',
  });
}

/** Path of the medium, as QEMU was told of it. */
async function mediumOf(qmp: Qmp, drive: Drive): Promise<string | undefined> {
  const sets = (await qmp.execute('query-fdsets')) as { 'fdset-id': number; fds: { opaque?: string }[] }[];
  const found = sets.find((one) => drive.files.includes(`/dev/fdset/${one['fdset-id']}`));
  return found?.fds.find(({ opaque }) => opaque !== undefined)?.opaque;
}
