/** The further disks of a machine that runs are made to be what its spec says: some come, some go, some grow. */

import type { MachineDisk } from '../../../contract/disk.ts';
import { isHostDisk } from '../../../contract/disk.ts';
import type { IoLimits } from '../../../contract/guest.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../../driver.ts';
import { isPlugged, plug, pluggedDevices, unplug } from '../hotplug.ts';
import type { Qmp } from '../qmp/client.ts';
import { giveOver, setsOf, takeBack } from '../qmp/hand-over.ts';
import { blockdev, deviceName, diskDevice, nodeName, ROOT_DEVICE } from './blockdev.ts';
import { chainOf, type Drive, deleteNode, drives } from './drives.ts';
import { openDisk } from './open.ts';
import { baseOf, ensureDisk, wantedBytes } from './storage.ts';

/** Throws at the first that does not fit; asked again with the old spec, it goes back to that. */
export async function reconcileDisks(
  context: DriverContext,
  guest: GuestRecord,
  qmp: Qmp,
  operation: OperationContext,
): Promise<void> {
  const wanted = guest.spec.disks.filter(({ attached }) => attached);
  const isWanted = new Set(wanted.map(({ name }) => deviceName(name)));
  for (const device of await pluggedDevices(qmp))
    if (device.startsWith(deviceName('')) && !isWanted.has(device)) await takeOut(qmp, device);
  for (const disk of guest.spec.disks) {
    const isIn = await isPlugged(qmp, deviceName(disk.name));
    if (!isIn) await ensureDisk(context, guest, disk, operation);
    if (disk.attached && !isIn) await putIn(context, guest, qmp, disk, operation);
    else if (disk.attached) await grow(context, qmp, disk, operation);
  }
  await limitIo(qmp, guest);
}

async function putIn(
  context: DriverContext,
  guest: GuestRecord,
  qmp: Qmp,
  disk: MachineDisk,
  operation: OperationContext,
): Promise<void> {
  const sets: number[] = [];
  const node = nodeName(disk.name);
  try {
    const opened = await openDisk(
      context,
      guest,
      disk,
      async (file, path) => {
        const handed = await giveOver(qmp, file, path);
        sets.push(handed.set);
        return handed.name;
      },
      operation,
    );
    await qmp.execute('blockdev-add', blockdev(opened));
    await plug(qmp, diskDevice(opened)).catch(async (error) => {
      await deleteNode(qmp, node).catch(() => {});
      throw error;
    });
  } catch (error) {
    for (const set of sets) await takeBack(qmp, set).catch(() => {});
    throw error;
  }
}

async function takeOut(qmp: Qmp, device: string): Promise<void> {
  const paths = await openPaths(qmp, device);
  const top = (await drives(qmp)).get(device)?.node ?? device;
  const below = await chainOf(qmp, top);
  await unplug(qmp, device);
  // Files it was laid over while it ran are nodes of their own; those it began with go with the first of them.
  await deleteNode(qmp, top);
  const left = new Set(await namedNodes(qmp));
  for (const node of below) if (left.has(node)) await deleteNode(qmp, node).catch(() => {});
  for (const path of paths) for (const set of await setsOf(qmp, path)) await takeBack(qmp, set).catch(() => {});
}

async function namedNodes(qmp: Qmp): Promise<string[]> {
  const all = (await qmp.execute('query-named-block-nodes', { flat: true })) as { 'node-name': string }[];
  return all.map((node) => node['node-name']);
}

/** Sets of descriptors the disk's nodes were opened by, as paths; an earlier engine may have handed them over. */
async function openPaths(qmp: Qmp, device: string): Promise<string[]> {
  const sets = (await qmp.execute('query-fdsets')) as { 'fdset-id': number; fds: { opaque?: string }[] }[];
  const drive = (await drives(qmp)).get(device);
  return sets
    .filter((one) => drive?.files.includes(`/dev/fdset/${one['fdset-id']}`))
    .flatMap(({ fds }) => fds.flatMap(({ opaque }) => (opaque === undefined ? [] : [opaque])));
}

async function grow(context: DriverContext, qmp: Qmp, disk: MachineDisk, operation: OperationContext): Promise<void> {
  if (isHostDisk(disk)) return;
  const size = wantedBytes(disk, await baseOf(context, disk, operation));
  await growDrive(qmp, deviceName(disk.name), size);
}

/** The guest sees the new size at once. Never smaller. */
export async function growDrive(qmp: Qmp, device: string, bytes: number): Promise<void> {
  const drive = (await drives(qmp)).get(device);
  if (drive?.node && drive.sizeBytes !== null && drive.sizeBytes < bytes)
    await qmp.execute('block_resize', { 'node-name': drive.node, size: bytes });
}

/** One bucket for all disks without limits of their own, one for each of the others. */
export async function limitIo(qmp: Qmp, { spec }: GuestRecord): Promise<void> {
  const all = await drives(qmp);
  const limit = async (drive: Drive | undefined, io: IoLimits, group: string) => {
    if (drive) await qmp.execute('block_set_io_throttle', { id: drive.path, ...throttle(io), group });
  };
  await limit(all.get(ROOT_DEVICE), spec.io, 'guest');
  for (const { name, io } of spec.disks)
    await limit(all.get(deviceName(name)), io ?? spec.io, io ? deviceName(name) : 'guest');
}

/** 0: no limit. */
export function throttle(io: IoLimits): Record<string, number> {
  return {
    bps: 0,
    bps_rd: io.readBytesPerSecond ?? 0,
    bps_wr: io.writeBytesPerSecond ?? 0,
    iops: 0,
    iops_rd: io.readOpsPerSecond ?? 0,
    iops_wr: io.writeOpsPerSecond ?? 0,
  };
}
