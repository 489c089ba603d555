/** An encrypted volume (LUKS) on the disks of a rescue, opened with its passphrase. Nothing is written. */
import { GuesthouseError } from '../../../contract/errors.ts';
import { decryptRequests } from './device-mapper.ts';
import { headerBytes, type Luks, parseLuks, whyDetached } from './luks.ts';
import { volumeKey } from './luks-key.ts';
import { type Act, readDevice } from './volume-groups.ts';

const SECTOR = 512;
const NO_KEY = /^cipher_null/;

/**
 * Makes the device of what is in it, and answers its name for the device mapper. `head`: its first bytes. Throws `denied` for
 * another passphrase, `bad-data` for a damaged header, `unsupported` for what the rescue cannot do.
 */
export async function unlock(
  act: Act,
  { device, sizeBytes, head }: { readonly device: string; readonly sizeBytes: number; readonly head: Buffer },
  passphrase: string,
  signal: AbortSignal,
): Promise<string> {
  const bytes = headerBytes(head);
  const header =
    bytes === null || bytes <= head.length ? head : await readDevice(act, device, { at: 0, bytes }, signal);
  const luks =
    bytes === null || header.length < bytes ? 'Its header is damaged.' : parseLuks(header.subarray(0, bytes));
  if (typeof luks === 'string') throw damaged(device, luks);
  const detached = whyDetached(luks);
  if (detached !== null) throw unopenable(device, detached);
  const { data, version, uuid } = luks;
  const length = Math.floor(dataBytes(luks, sizeBytes) / data.sectorBytes) * data.sectorBytes;
  if (length <= 0) throw damaged(device, 'Its data lie beyond its end.');
  if (NO_KEY.test(data.cipher)) throw damaged(device, 'It is not encrypted at all.');
  const read = (at: number, count: number) => readDevice(act, device, { at, bytes: count }, signal);
  const key = await volumeKey(luks, device, passphrase, read, signal);
  const mapped = `luks-${device}`;
  const request = decryptRequests({
    mapped,
    uuid: `CRYPT-LUKS${version}-${uuid.replaceAll('-', '')}-${mapped}`,
    device,
    atSector: data.atBytes / SECTOR,
    length: length / SECTOR,
    cipher: data.cipher,
    key,
    firstSector: data.firstSector,
    sectorBytes: data.sectorBytes,
  });
  async function* once() {
    yield request;
  }
  try {
    await act(['decrypt'], { signal, input: once() });
  } catch (error) {
    if (!(error instanceof GuesthouseError) || error.code !== 'internal') throw error;
    throw new GuesthouseError({
      code: 'unsupported',
      message: `The rescue's kernel cannot decrypt ${device}.`,
      subject: device,
      cause: `It is encrypted with ${data.cipher}.`,
    });
  } finally {
    key.fill(0);
    request.fill(0);
  }
  return mapped;
}

const dataBytes = ({ data }: Luks, deviceBytes: number): number =>
  Math.min(data.sizeBytes ?? Number.POSITIVE_INFINITY, deviceBytes - data.atBytes);

/** Of a device whose header is among its first bytes. As a sentence; null: a passphrase may open it. */
export function whyNoPassphrase(head: Buffer): string | null {
  const bytes = headerBytes(head);
  const luks = bytes === null || bytes > head.length ? null : parseLuks(head.subarray(0, bytes));
  return luks === null || typeof luks === 'string' ? null : whyDetached(luks);
}

export const unopenable = (device: string, cause: string) =>
  new GuesthouseError({
    code: 'unsupported',
    message: `${device} cannot be unlocked.`,
    subject: device,
    cause,
    hint: 'Give a machine that runs both disks, and open them in there (`cryptsetup open --header`).',
  });

const damaged = (device: string, cause: string) =>
  new GuesthouseError({ code: 'bad-data', message: `${device} cannot be decrypted.`, subject: device, cause });
