/** Ids, addresses and hardware addresses: given once at creation, kept for the guest's life. */
import { randomBytes } from 'node:crypto';
import { GuesthouseError } from '../contract/errors.ts';

/** A new id: 12 hex digits, whose hardware address is not one of `taken` either. */
export function newGuestId(taken: ReadonlySet<string>): string {
  const macs = new Set([...taken].map(macFor));
  for (;;) {
    const id = randomBytes(6).toString('hex');
    if (!macs.has(macFor(id))) return id;
  }
}

/** A locally administered address (52:54, as QEMU's own) from the id's last four bytes. */
export function macFor(id: string): string {
  return `52:54:${id.slice(4, 6)}:${id.slice(6, 8)}:${id.slice(8, 10)}:${id.slice(10, 12)}`;
}

/** 10.99.0.0/20 without the network, the gateway's first 16 addresses and the broadcast address. */
const FIRST = 16;
const LAST = 4094;

/** A free guest address, chosen from the id so that it rarely comes back to another guest soon. Throws `resources`. */
export function addressFor(id: string, taken: ReadonlySet<string>): string {
  const span = LAST - FIRST + 1;
  const start = Number.parseInt(id.slice(0, 8), 16) % span;
  for (let step = 0; step < span; step += 1) {
    const host = FIRST + ((start + step) % span);
    const address = `10.99.${host >> 8}.${host & 255}`;
    if (!taken.has(address)) return address;
  }
  throw new GuesthouseError({
    code: 'resources',
    message: `All ${span} addresses of the guest network are taken.`,
    hint: 'Remove guests that are no longer needed.',
  });
}
