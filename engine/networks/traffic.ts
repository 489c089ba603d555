/** Counters of all guests from one file. */
import { guestOfDevice } from './addresses.ts';

export interface Traffic {
  readonly inBytes: number;
  readonly outBytes: number;
  readonly inPackets: number;
  readonly outPackets: number;
}

const NONE: Traffic = { inBytes: 0, outBytes: 0, inPackets: 0, outPackets: 0 };

/**
 * /proc/<pid>/net/dev text to bytes and packets by guest id. A device is the house's end of the guest's cable: what it receives,
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
    const sum = found.get(guestId) ?? NONE;
    found.set(guestId, {
      outBytes: sum.outBytes + Number(fields[0]),
      inBytes: sum.inBytes + Number(fields[8]),
      outPackets: sum.outPackets + Number(fields[1]),
      inPackets: sum.inPackets + Number(fields[9]),
    });
  }
  return found;
}
