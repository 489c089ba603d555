/** Lines as people write them in a form, to values of the contract and back. Pure. */
import type { DeviceRule, Tmpfs, Ulimit } from '../../engine/contract/index.ts';

/** `KEY=value` lines; empty ones do not count, a line without `=` has an empty value. */
export const recordOf = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const at = line.indexOf('=');
        return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
      }),
  );

export const linesOf = (record: Readonly<Record<string, string>>): string[] =>
  Object.entries(record).map(([key, value]) => `${key}=${value}`);

const UNIT_MIB: Record<string, number> = { k: 1 / 1024, m: 1, g: 1024 };

/** `/run`, `/run:size=64m`, `/run:64m`; a size that cannot be read is left to the engine as nothing. */
export function tmpfsOf(line: string): Tmpfs {
  const [target = '', rest = ''] = line.trim().split(/:(.*)/s);
  const size = /^(?:size=)?(\d+)([kmg])?i?b?$/i.exec(rest.trim());
  const sizeMib = size
    ? Math.max(1, Math.round(Number(size[1]) * (UNIT_MIB[(size[2] ?? 'm').toLowerCase()] ?? 1)))
    : null;
  return { target, sizeMib };
}

export const tmpfsLine = ({ target, sizeMib }: Tmpfs): string =>
  sizeMib === null ? target : `${target}:size=${sizeMib}m`;

/** `NET_ADMIN, cap_sys_ptrace` -> `['NET_ADMIN', 'SYS_PTRACE']`. */
export const capabilitiesOf = (text: string): string[] =>
  wordsOf(text).map((name) => name.toUpperCase().replace(/^CAP_/, ''));

/** Names between blanks or commas. */
export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== '');

/** `/dev/fuse`, `/dev/a:/dev/b`, `/dev/a:/dev/b:rw`, `/dev/a:r`. What cannot be read is left to the engine to refuse. */
export function deviceOf(line: string): DeviceRule {
  const [source = '', second = '', third = ''] = line.trim().split(':');
  const isAccess = /^[rwm]{1,3}$/.test(second);
  return { source, target: isAccess || second === '' ? source : second, access: third || (isAccess ? second : 'rwm') };
}

export const deviceLine = ({ source, target, access }: DeviceRule): string =>
  [source, ...(target === source ? [] : [target]), ...(access === 'rwm' ? [] : [access])].join(':');

/** `nofile=1024`, `nofile=1024:4096`, `core=unlimited`. What cannot be read is left to the engine to refuse. */
export function ulimitOf(line: string): Ulimit {
  const match = /^([a-z]+)=(-1|unlimited|\d{1,15})(?::(-1|unlimited|\d{1,15}))?$/.exec(line.trim());
  if (!match) return { name: line.trim().slice(0, 40), soft: 0, hard: 0 };
  const value = (word: string) => (word === 'unlimited' ? -1 : Number(word));
  const [, name = '', soft = '', hard = soft] = match;
  return { name, soft: value(soft), hard: value(hard) };
}

export const ulimitLine = ({ name, soft, hard }: Ulimit): string => `${name}=${soft}${hard === soft ? '' : `:${hard}`}`;
