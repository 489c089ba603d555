/** Limits of disk traffic: `--device-read-bps` and its like. */
import type { IoLimits } from '../../../engine/contract/guest.ts';
import { size } from '../../../engine/notation/quantity.ts';
import { misused, quoted, whole } from '../args.ts';

/** A rate of the guest's whole disk; Docker's `/dev/x:RATE` names one device, which is not possible here. */
function rate(text: string | undefined, option: string, read: (word: string) => number): number | null {
  if (text === undefined) return null;
  if (text.includes(':'))
    throw misused(
      `${option} is for all of a guest's disk traffic, not for one device as in ${quoted(text)}.`,
      `Write the rate alone, e.g. ${option} ${text.slice(text.lastIndexOf(':') + 1, text.lastIndexOf(':') + 20)}.`,
    );
  return read(text);
}

export interface IoOptions {
  readonly 'device-read-bps'?: string | undefined;
  readonly 'device-write-bps'?: string | undefined;
  readonly 'device-read-iops'?: string | undefined;
  readonly 'device-write-iops'?: string | undefined;
}

/** The limits asked for, over those that hold; null when none was named. */
export function ioLimits(options: IoOptions, now: IoLimits | null): IoLimits | null {
  const bytes = (name: 'device-read-bps' | 'device-write-bps') =>
    rate(options[name], `--${name}`, (word) => size(word, `--${name}`)) || null;
  const ops = (name: 'device-read-iops' | 'device-write-iops') =>
    rate(options[name], `--${name}`, (word) => whole(word, `--${name}`)) || null;
  const given = (name: keyof IoOptions) => options[name] !== undefined;
  if (!(['device-read-bps', 'device-write-bps', 'device-read-iops', 'device-write-iops'] as const).some(given))
    return null;
  return {
    readBytesPerSecond: given('device-read-bps') ? bytes('device-read-bps') : (now?.readBytesPerSecond ?? null),
    writeBytesPerSecond: given('device-write-bps') ? bytes('device-write-bps') : (now?.writeBytesPerSecond ?? null),
    readOpsPerSecond: given('device-read-iops') ? ops('device-read-iops') : (now?.readOpsPerSecond ?? null),
    writeOpsPerSecond: given('device-write-iops') ? ops('device-write-iops') : (now?.writeOpsPerSecond ?? null),
  };
}
