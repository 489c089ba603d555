/** Volumes of LVM on the disks of a rescue: found in its own words, made by the rescue's kernel. Nothing is written. */
import { GuesthouseError, toErrorShape } from '../../../contract/errors.ts';
import { mapRequests } from './device-mapper.ts';
import { type Extent, physicalVolume, textOfArea, type VolumeGroup, volumeGroup } from './lvm.ts';
import type { ActOptions } from './worker.ts';

const SECTOR = 512;
const MAX_GROUPS = 32;
const AREA_HEADER_BYTES = 512;

/** An act of the rescue. */
export type Act = (words: readonly string[], options?: ActOptions) => Promise<Buffer>;

/**
 * Makes the volumes of all groups on these devices, whose first bytes are given. Answers what is to be said of each device
 * that is part of one, as sentences. `made`: volumes there are already; those made now are added.
 */
export async function openVolumeGroups(
  act: Act,
  heads: ReadonlyMap<string, Buffer>,
  signal: AbortSignal,
  made: Set<string> = new Set(),
): Promise<Map<string, string>> {
  /** Device by the id of the physical volume on it. */
  const devices = new Map<string, string>();
  const groups = new Map<string, VolumeGroup>();
  const said = new Map<string, string>();
  for (const [device, head] of heads) {
    const found = physicalVolume(head);
    if (!found) continue;
    said.set(device, 'It is made for a volume group (LVM), and belongs to none.');
    if (devices.has(found.id)) {
      said.set(device, `It says it is the same part of a volume group (LVM) as ${devices.get(found.id)}: a copy.`);
      continue;
    }
    devices.set(found.id, device);
    for (const area of found.areas) {
      const group = await readGroup(act, device, area, signal);
      if (group && (groups.get(group.id)?.sequence ?? -1) < group.sequence) groups.set(group.id, group);
    }
  }
  for (const group of [...groups.values()].slice(0, MAX_GROUPS)) {
    const sentence = await openGroup(act, group, devices, signal, made);
    for (const member of group.members) {
      const device = devices.get(member);
      if (device !== undefined) said.set(device, sentence);
    }
  }
  return said;
}

/** Bytes of a device; fewer where it ends. */
export async function readDevice(
  act: Act,
  device: string,
  { at, bytes }: Extent,
  signal: AbortSignal,
): Promise<Buffer> {
  const first = Math.floor(at / SECTOR);
  const count = Math.ceil((at + bytes) / SECTOR) - first;
  const sectors = await act(['sectors', device, String(first), String(count)], { signal });
  return sectors.subarray(at - first * SECTOR, at - first * SECTOR + bytes);
}

async function readGroup(act: Act, device: string, area: Extent, signal: AbortSignal): Promise<VolumeGroup | null> {
  const read = (extent: Extent) => readDevice(act, device, extent, signal);
  try {
    const pieces = textOfArea(await read({ at: area.at, bytes: AREA_HEADER_BYTES }), area);
    if (!pieces) return null;
    const parts: Buffer[] = [];
    for (const piece of pieces) parts.push(await read(piece));
    return volumeGroup(Buffer.concat(parts).toString('latin1'));
  } catch (error) {
    if (signal.aborted || toErrorShape(error).code === 'disconnected') throw error;
    return null; // its other area, or another part of the group, may be whole
  }
}

/** As sentences: what it is called, and what of it is closed. */
async function openGroup(
  act: Act,
  group: VolumeGroup,
  devices: ReadonlyMap<string, string>,
  signal: AbortSignal,
  made: Set<string>,
): Promise<string> {
  const closed: string[] = [];
  const deviceOf = (volume: string): string => {
    const device = devices.get(volume);
    if (device !== undefined) return device;
    throw new GuesthouseError({ code: 'not-found', message: 'a part of it is on a disk that is not here' });
  };
  async function* once(bytes: Buffer) {
    yield bytes;
  }
  for (const volume of group.volumes) {
    if (made.has(volume.mapped)) continue;
    if (volume.kind !== null) {
      closed.push(`${volume.name} (${volume.kind})`);
      continue;
    }
    try {
      await act(['map'], { signal, input: once(mapRequests(volume, deviceOf)) });
      made.add(volume.mapped);
    } catch (error) {
      if (signal.aborted || toErrorShape(error).code === 'disconnected') throw error;
      const { code, message } = toErrorShape(error);
      closed.push(`${volume.name} (${code === 'not-found' ? message : 'its kernel refuses it'})`);
    }
  }
  const rest = closed.length > 0 ? ` Not put together of it: ${closed.join(', ').slice(0, 500)}.` : '';
  return `It is a part of the volume group ${group.name} (LVM).${rest}`;
}
