/** Resource limits and rights: `--ulimit`, `--device-read-bps` and its like, `--cap-add`, `--security-opt`. */
import { resolve } from 'node:path';
import type { IoLimits, Ulimit } from '../../../engine/contract/guest.ts';
import { misused, quoted, whole } from '../args.ts';
import { size } from './quantity.ts';

/** `nofile=1024[:2048]`; `-1` or `unlimited`: none. Throws `invalid`. */
export function ulimit(text: string, option = '--ulimit'): Ulimit {
  const match = /^([a-z]+)=(-1|unlimited|\d{1,15})(?::(-1|unlimited|\d{1,15}))?$/.exec(text);
  if (!match)
    throw misused(`${option} needs NAME=SOFT[:HARD], not ${quoted(text)}.`, 'Write e.g. --ulimit nofile=1024:4096.');
  const value = (word: string) => (word === 'unlimited' ? -1 : Number(word));
  const soft = value(match[2] as string);
  return { name: match[1] as string, soft, hard: match[3] === undefined ? soft : value(match[3]) };
}

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

/** `CAP_NET_ADMIN`, `net_admin`, `all`: as the engine names them. */
export function capability(text: string, option: string): string {
  const name = text.toUpperCase().replace(/^CAP_/, '');
  if (!/^[A-Z_]{2,40}$/.test(name))
    throw misused(`${option} needs a capability, not ${quoted(text)}.`, 'Write e.g. --cap-add NET_ADMIN.');
  return name;
}

/** `seccomp=default|unconfined|FILE`, `no-new-privileges[:true|:false]`. Throws `invalid`. */
export function security(words: readonly string[], option = '--security-opt') {
  const found: { seccomp?: string; noNewPrivileges?: boolean } = {};
  for (const word of words) {
    const [name, value] = [word.split(/[=:]/, 1)[0] as string, word.slice(word.search(/[=:]|$/) + 1)];
    if (name === 'seccomp' && value !== '')
      found.seccomp = value === 'default' || value === 'unconfined' ? value : resolve(value);
    else if (name === 'no-new-privileges' && ['', 'true', 'false'].includes(value))
      found.noNewPrivileges = value !== 'false';
    else
      throw misused(
        `${option} has no ${quoted(word)}.`,
        'There are seccomp=default, seccomp=unconfined, seccomp=FILE and no-new-privileges.',
      );
  }
  return found;
}
