/**
 * The house: one namespace holder per home in which all guests of that home live. Its user (rootless), mount and
 * network namespaces hold every bridge, tap, veth, overlay mount and firewall rule, so nothing of ours is ever on the
 * host itself, and when its last process ends all of it is gone. See decisions/0003-the-house.md.
 */
import type { GuestAddress, PortRule } from '../contract/guest.ts';
import type { Finding } from '../contract/host.ts';
import type { Inside } from '../host/child.ts';
import type { Traffic } from './traffic.ts';

export interface HouseMember {
  readonly guestId: string;
  readonly name: string;
  /** Further names on its networks. */
  readonly aliases?: readonly string[];
  /** On its first network: `10.99.x.y`, given by the guests module at creation. */
  readonly address: string;
  /** Where it is, the first network first; left out: on the built-in one alone. */
  readonly places?: readonly GuestAddress[];
  readonly mac: string;
  readonly ports: readonly PortRule[];
}

/** One interface of a guest. */
export interface CardView {
  readonly mac: string;
  readonly address: string;
  readonly prefixLength: number;
  /** null where it does not lead outside: on an isolated network, and where another interface does. */
  readonly gateway: string | null;
  readonly address6: string | null;
  readonly gateway6: string | null;
}

/** A guest's first interface, where it asks for names, and its further interfaces in their order. */
export interface MemberView extends CardView {
  /** Knows the names on all its networks. */
  readonly nameServer: string;
  readonly further: readonly CardView[];
}

export interface House {
  /**
   * Starts the house or meets the running one again. Idempotent, safe to call from many places at once. A network is made
   * by `network`, or by what needs one.
   */
  ensure(): Promise<void>;
  /** How the house is held: by root, by a user with subordinate ids, or by a user with a single id. */
  privilege(): Promise<'root' | 'rootless' | 'plain'>;
  /** The holder's pid once `ensure` resolved; null before. */
  readonly pid: number | null;
  /** What a guest's interfaces have, for whoever sets up the guest. Throws `not-found` for a network that is gone. */
  view(member: HouseMember): MemberView;
  /**
   * The words to put before a command line so that it runs inside: always the user and mount namespaces, and with
   * `network` the network namespace too. Inside, uid 0 is the user who runs the engine. `folder`: the current one, by its
   * path outside; left out: the root.
   */
  enter(options: { network: boolean; folder?: string }): readonly string[];
  /** The same as a place to start programs in, which as root costs no program more than the one that is started. */
  inside(options: { network: boolean }): Inside;
  /** An overlay onto a folder, or with null whatever is mounted there off it. False: not done, a program can say why. */
  mount(target: string, overlay: string | null): Promise<boolean>;
  /** Makes a network where there is none. Whether it works inside; why not, otherwise. */
  network(): Promise<{ ok: true } | { ok: false; reason: string; fix: string | null }>;
  /** Makes a network namespace with an interface for each of its networks (`eth0`, `eth1`, …); answers its path *inside the house*. */
  attachNamespace(member: HouseMember): Promise<{ path: string }>;
  /** Makes a tap device and a DHCP lease on each of its networks; answers the devices' names inside the house, in their order. */
  attachTaps(member: HouseMember): Promise<{ devices: readonly string[] }>;
  /** A running guest has another name now: the others find it by that one. */
  rename(member: HouseMember): Promise<void>;
  /**
   * Opens the ports of a running guest and closes those it had that are not among them; what stays is not disturbed.
   * Throws `conflict` naming the port that is taken, and then all is as before.
   */
  publish(member: HouseMember): Promise<void>;
  unpublish(guestId: string): Promise<void>;
  /** Takes back whatever attach and publish did for the guest. Idempotent, never throws for what is already gone. */
  detach(guestId: string): Promise<void>;
  /** Bytes in and out by guest id, from the guest's point of view; one file is read for all. */
  traffic(): Promise<ReadonlyMap<string, Traffic>>;
  /** A network is no more: what the house had of it goes. Idempotent. */
  dropNetwork(index: number): Promise<void>;
  doctor(): Promise<readonly Finding[]>;
  /** Ends the house and with it every namespace, mount and process in it. Only when no guest runs. */
  demolish(): Promise<void>;
  /** Forgets the house without ending it. */
  close(): Promise<void>;
}
