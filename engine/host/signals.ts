/** Signals by name and number (signal(7)). */
import { constants } from 'node:os';

/** glibc's and the kernel's, as container engines count them. */
const RTMIN = 34;
const RTMAX = 64;

/** `SIGTERM`, `term`, `15`, `SIGRTMIN+3`; null: there is no such signal. */
export function signalNumber(name: string): number | null {
  const word = name.trim().toUpperCase().replace(/^SIG/, '');
  if (/^\d{1,2}$/.test(word)) {
    const number = Number(word);
    return number >= 1 && number <= RTMAX ? number : null;
  }
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(word);
  if (realtime) {
    const [, base, sign, distance = '0'] = realtime;
    const number = (base === 'MIN' ? RTMIN : RTMAX) + (sign === '-' ? -1 : 1) * Number(distance);
    return number >= RTMIN && number <= RTMAX ? number : null;
  }
  return (constants.signals as Readonly<Record<string, number>>)[`SIG${word}`] ?? null;
}
