/** The numbers of the house's own networks, and the names its devices have. */

/** Of the built-in network: its gateway is the name server too. */
export const GATEWAY = '10.99.0.1';
export const PREFIX_LENGTH = 20;
export const NETWORK = '10.99.0.0';

/** The uplink's device inside the house and what slirp4netns gives it (its fixed defaults). */
export const UPLINK = 'up0';
export const UPLINK_ADDRESS6 = 'fd00::100';
export const UPLINK_GATEWAY6 = 'fd00::2';
export const UPLINK_NAME_SERVER = '10.0.2.3';

/** One value for bridge, veth, tap and uplink: a mixture drops large datagrams without a word. */
export const MTU = 1500;

/** The bridge of the network with this number, 0 to 65535. */
export function bridgeName(index: number): string {
  return `gn${index}`;
}

/** Appended to a guest's name in DNS. */
export const DOMAIN = 'guesthouse.internal';

/**
 * The house's end of a guest's cable. Interface names have 15 bytes at most: a letter, the guest's id, so that it can
 * be read back, and two digits that differ from the last cable's, which the kernel may still be taking down.
 */
export function vethName(guestId: string, cable: number): string {
  return `v${guestId}${(cable % 36 ** 2).toString(36).padStart(2, '0')}`;
}

/** Of a machine's n-th card. */
export function tapName(guestId: string, index = 0): string {
  return `t${guestId}${index === 0 ? '' : index}`;
}

/** Whose device this is; null for the house's own. */
export function guestOfDevice(device: string): string | null {
  return /^(v[0-9a-f]{12}[0-9a-z]{2}|t[0-9a-f]{12}\d?)$/.test(device) ? device.slice(1, 13) : null;
}
