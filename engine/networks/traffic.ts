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
  // Once a second for every guest: no piece of the text is made that is not kept.
  for (const [, device, outBytes, outPackets, inBytes, inPackets] of text.matchAll(LINE)) {
    const guestId = guestOfDevice(device as string);
    if (guestId === null) continue;
    const sum = found.get(guestId) ?? NONE;
    found.set(guestId, {
      outBytes: sum.outBytes + Number(outBytes),
      inBytes: sum.inBytes + Number(inBytes),
      outPackets: sum.outPackets + Number(outPackets),
      inPackets: sum.inPackets + Number(inPackets),
    });
  }
  return found;
}

/** A device, bytes and packets received, six fields that are not looked at, bytes and packets sent. */
const LINE = /^ *([^\s:]+):\s*(\d+)\s+(\d+)(?:\s+\d+){6}\s+(\d+)\s+(\d+)/gm;
