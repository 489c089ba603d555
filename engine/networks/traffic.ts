/** Counters of all guests from one file. */
import { guestOfDevice } from './addresses.ts';

export interface Traffic {
  readonly inBytes: number;
  readonly outBytes: number;
}

/**
 * /proc/<pid>/net/dev text to bytes by guest id. A device is the house's end of the guest's cable: what it receives,
 * the guest sent. Pure.
 */
export function parseTraffic(text: string): Map<string, Traffic> {
  const found = new Map<string, Traffic>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const guestId = guestOfDevice(line.slice(0, colon).trim());
    if (guestId === null) continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    const { outBytes, inBytes } = found.get(guestId) ?? { outBytes: 0, inBytes: 0 };
    found.set(guestId, { outBytes: outBytes + Number(fields[0]), inBytes: inBytes + Number(fields[8]) });
  }
  return found;
}
