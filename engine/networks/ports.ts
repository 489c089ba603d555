/**
 * Published ports: slirp4netns listens on the host and hands each connection to a port of the uplink's address, from
 * where a rule of the house's firewall leads it to the guest. `ports.json` holds what shall be open.
 */
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import type { PortRule } from '../contract/guest.ts';
import { readJson, writeAtomic } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { portState } from '../host/ports.ts';
import { Undo } from '../host/undo.ts';
import type { HouseMember } from './house.ts';
import { closeDoors, type Door, openDoors, replaceDoors } from './nat.ts';
import { listenerOn } from './port-owner.ts';
import { addForward, type Forward, listForwards, removeForward } from './uplink.ts';

/** One published port. */
export interface OpenPort extends Door {
  readonly guestId: string;
  readonly guestName: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

export interface PortTable {
  /** Makes slirp4netns and the firewall hold exactly what `ports.json` says. For a new engine or a new slirp4netns. */
  reconcile(): Promise<void>;
  publish(member: HouseMember): Promise<void>;
  unpublish(guestId: string): Promise<void>;
  /** A new house has no ports. */
  forget(): Promise<void>;
}

interface Dependencies {
  readonly runFolder: string;
  readonly log: Log;
  applyRules(rules: string): Promise<void>;
}

export function createPortTable({ runFolder, log, applyRules }: Dependencies): PortTable {
  const file = join(runFolder, 'ports.json');
  let open: readonly OpenPort[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  /** One change at a time: each looks at the table before it changes it. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = queue.then(act);
    queue = turn.catch(() => {});
    return turn;
  };
  const save = async (ports: readonly OpenPort[]) => {
    await writeAtomic(file, JSON.stringify(ports));
    open = ports;
  };
  const withdraw = async (ports: readonly OpenPort[]) => {
    if (ports.length === 0) return;
    await save(open.filter((one) => !ports.includes(one))); // first: should slirp4netns not answer, reconcile() knows
    const forwards = await listForwards(runFolder);
    for (const port of ports) {
      const forward = forwards.find((one) => leadsTo(one, port));
      if (forward) await removeForward(runFolder, forward.id);
    }
    await applyRules(closeDoors(ports.map((one) => one.port)));
  };

  const openAll = async (member: HouseMember, rules: readonly PortRule[]) => {
    const fresh: OpenPort[] = [];
    for (const rule of rules) {
      await assertFree(rule, [...open, ...fresh]);
      fresh.push(portFor(member, rule, [...open, ...fresh]));
    }
    if (fresh.length === 0) return;
    const undo = new Undo();
    const before = open;
    try {
      undo.defer('table of ports', () => save(before));
      await save([...open, ...fresh]);
      await applyRules(openDoors(fresh));
      undo.defer('doors', () => applyRules(closeDoors(fresh.map((one) => one.port))));
      for (const port of fresh) {
        const id = await addForward(runFolder, port).catch((error) => Promise.reject(asTaken(error, port)));
        undo.defer('forward', () => removeForward(runFolder, id));
      }
    } catch (error) {
      await undo.rollback((what, cause) => log.warn('house: a port could not be taken back', { what, cause }));
      throw error;
    }
  };

  return {
    reconcile: () =>
      inTurn(async () => {
        const wanted = (await readJson<OpenPort[]>(file).catch(() => null)) ?? [];
        const forwards = await listForwards(runFolder);
        for (const one of forwards) {
          if (!wanted.some((port) => leadsTo(one, port))) await removeForward(runFolder, one.id);
        }
        const held: OpenPort[] = [];
        for (const port of wanted) {
          try {
            if (!forwards.some((one) => leadsTo(one, port))) await addForward(runFolder, port);
            held.push(port);
          } catch (cause) {
            log.warn('house: a published port was taken by another program', { port: port.hostPort, cause });
          }
        }
        await applyRules(replaceDoors(held));
        await save(held);
      }),
    publish: (member) =>
      inTurn(async () => {
        const own = open.filter((one) => one.guestId === member.guestId);
        const kept = own.filter((one) => member.ports.some((rule) => isFor(one, member, rule)));
        await withdraw(own.filter((one) => !kept.includes(one)));
        await openAll(
          member,
          member.ports.filter((rule) => !kept.some((one) => isFor(one, member, rule))),
        );
      }),
    unpublish: (guestId) => inTurn(() => withdraw(open.filter((one) => one.guestId === guestId))),
    forget: () => inTurn(() => save([])),
  };
}

/** The door for a rule: its own number where that is free, because that makes the firewall's list easy to read. */
function portFor(member: HouseMember, rule: PortRule, taken: readonly OpenPort[]): OpenPort {
  const used = new Set(taken.map((one) => one.port));
  let port = rule.hostPort;
  while (used.has(port)) port = port >= 65535 ? 1024 : port + 1;
  return {
    port,
    address: member.address,
    guestPort: rule.guestPort,
    guestId: member.guestId,
    guestName: member.name,
    hostIp: rule.hostIp,
    hostPort: rule.hostPort,
  };
}

/** Throws what a person understands when the rule's port cannot be listened on. */
async function assertFree(rule: PortRule, ours: readonly OpenPort[]): Promise<void> {
  const subject = `${rule.hostIp}:${rule.hostPort}`;
  if (rule.hostIp.includes(':')) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `Port ${rule.hostPort} cannot be published on the IPv6 address ${rule.hostIp}.`,
      subject,
      hint: 'Use an IPv4 address such as 127.0.0.1.',
    });
  }
  const state = await portState(rule.hostIp, rule.hostPort);
  if (state === 'free') return;
  if (state === 'denied') {
    throw new GuesthouseError({
      code: 'denied',
      message: `Port ${rule.hostPort} may not be opened by an ordinary user.`,
      subject,
      hint: `Choose a port of 1024 or above, or lower the limit: sysctl net.ipv4.ip_unprivileged_port_start=${rule.hostPort}`,
    });
  }
  if (state === 'no-such-address') {
    throw new GuesthouseError({
      code: 'invalid',
      message: `${rule.hostIp} is not an address of this host.`,
      subject,
      hint: 'Use 127.0.0.1 for this host alone, or 0.0.0.0 for every address.',
    });
  }
  const guest = ours.find((one) => one.hostPort === rule.hostPort)?.guestName;
  throw taken(rule, guest === undefined ? listenerOn(rule.hostPort) : `the guest ${guest}`);
}

function taken(rule: { hostIp: string; hostPort: number }, by: string | null): GuesthouseError {
  return new GuesthouseError({
    code: 'conflict',
    message: `Port ${rule.hostPort} of the host is in use.`,
    subject: `${rule.hostIp}:${rule.hostPort}`,
    cause: by === null ? 'Another program listens on it.' : `It is held by ${by}.`,
    hint: 'Choose another host port, or end what holds it.',
  });
}

/** Somebody took the port between our look and slirp4netns' attempt. */
function asTaken(error: unknown, port: OpenPort): unknown {
  return error instanceof GuesthouseError && error.code === 'conflict' ? taken(port, listenerOn(port.hostPort)) : error;
}

function leadsTo(forward: Forward, port: OpenPort): boolean {
  return forward.hostIp === port.hostIp && forward.hostPort === port.hostPort && forward.port === port.port;
}

function isFor(port: OpenPort, member: HouseMember, rule: PortRule): boolean {
  return (
    port.hostIp === rule.hostIp &&
    port.hostPort === rule.hostPort &&
    port.guestPort === rule.guestPort &&
    port.address === member.address
  );
}
