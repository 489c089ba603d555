/** What networking needs of the host, looked at before anything is started. */
import { closeSync, openSync } from 'node:fs';
import { findProgram, installHint } from '../host/tools.ts';

/** Something that is missing, and what would help. */
export interface Lack {
  readonly reason: string;
  readonly fix: string | null;
}

/** Why networking cannot work here; null when nothing stands in its way. */
export function networkLack(): Lack | null {
  for (const tool of ['ip', 'nft', 'slirp4netns', 'dnsmasq']) {
    if (findProgram(tool) === null) return { reason: `The program ${tool} is not installed.`, fix: installHint(tool) };
  }
  return tunLack();
}

/** Why /dev/net/tun cannot be used. */
export function tunLack(): Lack | null {
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM'
      ? { reason: 'This user may not use /dev/net/tun.', fix: 'As root: chmod 666 /dev/net/tun' }
      : { reason: 'There is no working /dev/net/tun.', fix: 'As root: modprobe tun' };
  }
}
