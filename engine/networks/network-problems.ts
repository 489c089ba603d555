/** What can be wrong with a network, in words. */
import { GuesthouseError } from '../contract/errors.ts';
import type { NetworkDraft } from '../contract/network.ts';
import { freeing } from '../contract/trash.ts';
import type { HostRoute } from './host-routes.ts';
import { NO_NETWORKS } from './network-store.ts';
import { numberOf, overlap, parseSubnet, type Subnet, subnetText } from './subnet.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/;
/** Room for a gateway and some guests; larger ones collide with everything. */
const LEAST_BITS = 12;
const MOST_BITS = 28;

/** What slirp4netns has inside the house. */
const UPLINK: Subnet = range('10.0.2.0/24');
/** No guest's address can be one of these. */
const SPECIAL: readonly Subnet[] = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].map(range);

/** null for a name that may be given. */
export function nameProblem(name: string): GuesthouseError | null {
  if (NAME.test(name) && !NO_NETWORKS.has(name)) return null;
  return new GuesthouseError({
    code: 'invalid',
    message: name === '' ? 'A network needs a name.' : `${shown(name)} cannot be the name of a network.`,
    subject: 'name',
    hint: NO_NETWORKS.has(name)
      ? `The word ${name} has a meaning of its own: choose another one.`
      : 'Use 1 to 63 letters, digits, `.`, `_` or `-`, starting with a letter or digit.',
  });
}

/** The subnet a draft asks for. Throws `invalid` or `conflict`. */
export function wishedSubnet(
  draft: NetworkDraft & { readonly subnet4: string },
  others: readonly (Subnet & { readonly name: string })[],
  routes: readonly HostRoute[],
): Subnet {
  const subject = 'subnet4';
  const subnet = parseSubnet(draft.subnet4);
  const invalid = (message: string, hint: string) => new GuesthouseError({ code: 'invalid', message, subject, hint });
  if (subnet === null) {
    throw invalid(`${shown(draft.subnet4)} is not a range of IPv4 addresses.`, 'Write it like 10.99.16.0/24.');
  }
  const { base, bits } = subnet;
  const text = subnetText(subnet);
  if (subnet.asked !== base)
    throw invalid(`${shown(draft.subnet4)} does not start at its first address.`, `Give ${text}.`);
  if (bits < LEAST_BITS || bits > MOST_BITS) {
    throw invalid(
      `A network of the size /${bits} is not possible.`,
      `Give a size from /${LEAST_BITS} to /${MOST_BITS}.`,
    );
  }
  if (SPECIAL.some((special) => overlap(special, subnet))) {
    throw invalid(`${text} is kept for special purposes.`, 'Choose a private range such as 10.99.16.0/24.');
  }
  const conflict = (cause: string) =>
    new GuesthouseError({
      code: 'conflict',
      message: `The addresses ${text} are in use.`,
      subject,
      cause,
      hint: 'Choose others, or leave the subnet out to have a free one chosen.',
    });
  const other = others.find((one) => overlap(one, subnet));
  if (other) throw conflict(`The network ${other.name} has ${subnetText(other)}.`);
  if (overlap(UPLINK, subnet)) throw conflict(`The way out of the guests uses ${subnetText(UPLINK)}.`);
  const route = routes.find((one) => overlap(one, subnet));
  if (route) throw conflict(`The host reaches ${subnetText(route)} through ${route.device}.`);
  return { base, bits };
}

/** The first free /24 of 10.99.16.0 to 10.127.255.0. Throws `resources`. */
export function freeSubnet(others: readonly Subnet[], routes: readonly HostRoute[]): Subnet {
  const last = numberOf('10.127.255.0') as number;
  const taken = [...others, ...routes, UPLINK];
  for (let base = numberOf('10.99.16.0') as number; base <= last; base += 256) {
    const subnet = { base, bits: 24 };
    if (!taken.some((one) => overlap(one, subnet))) return subnet;
  }
  throw new GuesthouseError({
    code: 'resources',
    message: 'No free range of addresses was found.',
    hint: 'Give a subnet of your own, or remove networks that are no longer needed.',
  });
}

export function unknownNetwork(ref: string): GuesthouseError {
  return new GuesthouseError({
    code: 'not-found',
    message: `There is no network named ${shown(ref)}.`,
    subject: ref.slice(0, 80),
    hint: 'See `guesthouse network ls` for the networks there are; make one with `guesthouse network create NAME`.',
  });
}

export function networkInUse(name: string, usedBy: readonly string[]): GuesthouseError {
  return new GuesthouseError({
    code: 'conflict',
    message: `The network ${name} is used by ${usedBy.join(', ')}.`,
    subject: name,
    hint: freeing(usedBy, ', or choose another network there'),
  });
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

function range(text: string): Subnet {
  return parseSubnet(text) as Subnet;
}
