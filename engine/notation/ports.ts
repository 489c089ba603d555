/** `-p [[IP:]HOST:]GUEST[/tcp|/udp]`, also with ranges: `-p 8000-8003:80-83`, `-p [::1]:8080:80`, `-p 53:53/udp`. */
import type { PortRule } from '../contract/guest.ts';
import { misused, quoted } from './misuse.ts';

/** Ours: what listens on every address is asked for by name. */
export const LOOPBACK = '127.0.0.1';
/** More than this in one word is a mistake. */
const MAX_RANGE = 256;
const RULE =
  /^(?:(?:\[([0-9a-fA-F:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):)?(?:(\d{1,5})?(?:-(\d{1,5}))?:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/;

/** Port rules of one word. Without a host port a free one is chosen (0). Throws `invalid`. */
export function ports(text: string, option = '-p'): PortRule[] {
  const match = RULE.exec(text);
  if (!match) throw notOne(text, option);
  const [, v6, v4, hostFirst, hostLast, first, last, protocol] = match;
  const guestFirst = Number(first);
  const count = Number(last ?? first) - guestFirst + 1;
  const host = hostFirst === undefined ? 0 : Number(hostFirst);
  const hostCount = hostLast === undefined ? 1 : Number(hostLast) - host + 1;
  if (count < 1 || count > MAX_RANGE || (hostFirst === undefined && hostLast !== undefined)) throw notOne(text, option);
  if (host !== 0 && hostCount !== count) {
    throw misused(`The two ranges of ${option} ${quoted(text)} are not equally long.`, 'Write e.g. 8000-8003:80-83.');
  }
  return Array.from({ length: count }, (_, index) => ({
    hostIp: v6 ?? v4 ?? LOOPBACK,
    hostPort: host === 0 ? 0 : host + index,
    guestPort: guestFirst + index,
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
  }));
}

function notOne(text: string, option: string) {
  return misused(
    `${option} needs a port rule, not ${quoted(text)}.`,
    'Write HOST:GUEST or IP:HOST:GUEST, with /udp for UDP, e.g. -p 8080:80.',
  );
}

/** As `ls` shows it: `127.0.0.1:8080->80/tcp`. */
export function portText({ hostIp, hostPort, guestPort, protocol }: PortRule): string {
  return `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${hostPort}->${guestPort}/${protocol}`;
}
