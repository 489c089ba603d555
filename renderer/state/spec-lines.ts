/** Lines as people write them in a form, to values of the contract and back. Pure. */
import type { Tmpfs } from '../../engine/contract/index.ts';

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
  text
    .split(/[\s,]+/)
    .filter((name) => name !== '')
    .map((name) => name.toUpperCase().replace(/^CAP_/, ''));
