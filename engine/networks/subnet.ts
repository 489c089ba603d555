/** Arithmetic on IPv4 ranges and on the unique local IPv6 prefixes of this home. Pure. */

/** An IPv4 range: its first address as a number, and how many leading bits are fixed. */
export interface Subnet {
  readonly base: number;
  readonly bits: number;
}

const OCTET = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IPV4 = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);

/** `10.0.0.1` as a number; null for anything else. */
export function numberOf(address: string): number | null {
  const parts = IPV4.exec(address)?.slice(1).map(Number);
  return parts === undefined ? null : parts.reduce((sum, part) => sum * 256 + part, 0);
}

export function addressOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** `10.99.0.0/20`; null when it is none. The host part may be anything: see `base`. */
export function parseSubnet(text: string): (Subnet & { readonly asked: number }) | null {
  const [address, length, ...more] = text.split('/');
  const asked = numberOf(address ?? '');
  if (asked === null || length === undefined || more.length > 0 || !/^(\d|[12]\d|3[0-2])$/.test(length)) return null;
  const bits = Number(length);
  return { base: asked - (asked % sizeOf({ bits })), bits, asked };
}

/** Addresses from `first` to `last`, both among them, as numbers. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** `10.0.0.8-10.0.0.15` or `10.0.0.8/29`; null when it is none. */
export function parseRange(text: string): AddressRange | null {
  const subnet = parseSubnet(text);
  if (subnet !== null) {
    return subnet.asked === subnet.base ? { first: subnet.base, last: subnet.base + sizeOf(subnet) - 1 } : null;
  }
  const [first, last, ...more] = text.split('-').map((end) => numberOf(end.trim()));
  if (first == null || last == null || more.length > 0 || last < first) return null;
  return { first, last };
}

export function rangeText({ first, last }: AddressRange): string {
  return `${addressOf(first)}-${addressOf(last)}`;
}

export function subnetText({ base, bits }: Subnet): string {
  return `${addressOf(base)}/${bits}`;
}

/** How many addresses it has. */
export function sizeOf({ bits }: Pick<Subnet, 'bits'>): number {
  return 2 ** (32 - bits);
}

export function overlap(one: Subnet, other: Subnet): boolean {
  return one.base < other.base + sizeOf(other) && other.base < one.base + sizeOf(one);
}

export function netmaskOf(bits: number): string {
  return addressOf(2 ** 32 - sizeOf({ bits }));
}

/** A unique local prefix after RFC 4193 from 5 random bytes: `fdxx:xxxx:xxxx`, a /48. */
export function localPrefix(random: Uint8Array): string {
  const digits = `fd${Buffer.from(random.subarray(0, 5)).toString('hex')}`;
  return `${digits.slice(0, 4)}:${digits.slice(4, 8)}:${digits.slice(8, 12)}`;
}

/** The /64 of the network with this number, without its last `::`. */
export function prefix64(prefix48: string, index: number): string {
  return `${prefix48}:${index.toString(16)}`;
}

/** A guest's own half of its IPv6 addresses: its id, which is never given twice. */
export function interfaceId(guestId: string): string {
  const groups = [guestId.slice(0, 4), guestId.slice(4, 8), guestId.slice(8, 12)];
  return `0:${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}`;
}
