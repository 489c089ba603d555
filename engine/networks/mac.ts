/** Hardware addresses. Pure. */
import type { GuestSpec } from '../contract/guest.ts';

const FORM = /^[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}$/;

/** As everybody writes it, in lower case with colons; null: it is none. */
export function readMac(text: string): string | null {
  const lower = text.trim().toLowerCase();
  return FORM.test(lower) ? lower.replaceAll('-', ':') : null;
}

/** Whether one card alone can have it: not a group's, and not nobody's. */
export function isOfOneCard(mac: string): boolean {
  return Number.parseInt(mac.slice(0, 2), 16) % 2 === 0 && /[1-9a-f]/.test(mac);
}

/** Of a guest's n-th card, from its first one's: `52:54:…`, `52:56:…`, all locally administered. */
export function macOfCard(first: string, index: number): string {
  const octets = first.split(':');
  const second = (Number.parseInt(octets[1] as string, 16) + 2 * index) & 0xff;
  return [octets[0], second.toString(16).padStart(2, '0'), ...octets.slice(2)].join(':');
}

/** What a guest's first card has: the wished one, or the one it was given when it was made. */
export function macOfGuest(guest: { readonly spec: Pick<GuestSpec, 'macAddress'>; readonly mac: string }): string {
  return readMac(guest.spec.macAddress ?? '') ?? guest.mac;
}
