/**
 * What the kernel's device mapper is asked (include/uapi/linux/dm-ioctl.h, version 4), as bytes for `ioctls`
 * (engine/images/boot/tiny-programs.ts): of each request its number, its length, and its data. Pure.
 */
import { GuesthouseError } from '../../../contract/errors.ts';
import type { LogicalVolume } from './lvm.ts';

const STRUCT_BYTES = 312;
const TARGET_BYTES = 40;
const NAME_AT = 48;
const UUID_AT = 176;
const DEV_CREATE = 3;
const DEV_SUSPEND = 6;
const TABLE_LOAD = 9;
/** What `ioctls` takes at once (bytes). */
const MAX_BYTES = 60_000;

/** A volume of LVM. `deviceOf`: of a physical volume, as the rescue's kernel names it. */
export function mapRequests({ mapped, uuid, runs }: LogicalVolume, deviceOf: (volume: string) => string): Buffer {
  const targets = runs.map(({ start, length, chunk, on }) => {
    const places = on.map(({ volume, at }) => `/dev/${deviceOf(volume)} ${at}`).join(' ');
    return target(
      start,
      length,
      chunk === 0 ? 'linear' : 'striped',
      chunk === 0 ? places : `${on.length} ${chunk} ${places}`,
    );
  });
  return deviceRequests(mapped, uuid, targets);
}

/** What lies decrypted in a device. `atSector`, `length`: of the data in it, in sectors of 512 bytes. */
export interface Decrypted {
  readonly mapped: string;
  readonly uuid: string;
  readonly device: string;
  readonly atSector: number;
  readonly length: number;
  readonly cipher: string;
  readonly key: Buffer;
  readonly firstSector: number;
  readonly sectorBytes: number;
}

/** One of dm-crypt (the kernel's admin-guide/device-mapper/dm-crypt.rst). */
export function decryptRequests(one: Decrypted): Buffer {
  const { mapped, uuid, device, atSector, length, cipher, key, firstSector, sectorBytes } = one;
  const options = ['allow_discards', ...(sectorBytes === 512 ? [] : [`sector_size:${sectorBytes}`])];
  const words = `${cipher} ${key.toString('hex')} ${firstSector} /dev/${device} ${atSector}`;
  const table = target(0, length, 'crypt', `${words} ${options.length} ${options.join(' ')}`);
  return deviceRequests(mapped, uuid, [table]);
}

/** A device made, given its table, and let go. */
function deviceRequests(mapped: string, uuid: string, targets: readonly Buffer[]): Buffer {
  return Buffer.concat([
    request(DEV_CREATE, mapped, uuid, []),
    request(TABLE_LOAD, mapped, null, targets),
    // Without the flag that suspends, it goes on: now with its table.
    request(DEV_SUSPEND, mapped, null, []),
  ]);
}

function request(command: number, name: string, uuid: string | null, targets: readonly Buffer[]): Buffer {
  const bytes = STRUCT_BYTES + targets.reduce((sum, one) => sum + one.length, 0);
  if (bytes > MAX_BYTES) {
    throw new GuesthouseError({ code: 'unsupported', message: 'The volume has too many pieces.', subject: name });
  }
  const head = Buffer.alloc(8 + STRUCT_BYTES);
  // _IOWR(0xfd, command, struct dm_ioctl)
  head.writeUInt32LE(((3 << 30) | (STRUCT_BYTES << 16) | (0xfd << 8) | command) >>> 0, 0);
  head.writeUInt32LE(bytes, 4);
  const struct = head.subarray(8);
  struct.writeUInt32LE(4, 0); // version 4.0.0
  struct.writeUInt32LE(bytes, 12);
  struct.writeUInt32LE(STRUCT_BYTES, 16); // where targets begin
  struct.writeUInt32LE(targets.length, 20);
  struct.write(name.slice(0, 127), NAME_AT, 'latin1');
  if (uuid !== null) struct.write(uuid.slice(0, 128), UUID_AT, 'latin1');
  return Buffer.concat([head, ...targets]);
}

function target(start: number, length: number, type: string, words: string): Buffer {
  const bytes = Math.ceil((TARGET_BYTES + words.length + 1) / 8) * 8;
  const made = Buffer.alloc(bytes);
  made.writeBigUInt64LE(BigInt(start), 0);
  made.writeBigUInt64LE(BigInt(length), 8);
  made.writeUInt32LE(bytes, 20); // to the next one
  made.write(type, 24, 'latin1');
  made.write(words, TARGET_BYTES, 'latin1');
  return made;
}
