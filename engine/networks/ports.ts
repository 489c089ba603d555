/**
 * Published ports: the relay listens on the host and connects to the guest inside the house. `ports.json` holds what
 * shall be open; the relay runs only while something is.
 */
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { readJson, writeAtomic } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { bindFailure } from '../host/ports.ts';
import type { Holder } from './holder.ts';
import type { HouseMember } from './house.ts';
import { listenerOn } from './port-owner.ts';
import type { RelayAnswer, RelayRequest, RelayRule } from './relay/protocol.ts';
import { askRelay, relayPid, startRelay } from './relay-process.ts';

/** One published port. */
export interface OpenPort extends RelayRule {
  readonly guestId: string;
  readonly guestName: string;
}

export interface PortTable {
  /** Whether what shall be open is not, because the relay died. */
  isBroken(): boolean;
  /** Makes the relay hold exactly what `ports.json` says. For a new engine or a new relay. */
  reconcile(): Promise<void>;
  publish(member: HouseMember): Promise<void>;
  unpublish(guestId: string): Promise<void>;
}

interface Dependencies {
  readonly runFolder: string;
  readonly log: Log;
  holder(): Holder;
}

export function createPortTable({ runFolder, log, holder }: Dependencies): PortTable {
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
  const ask = (request: RelayRequest) => askRelay(runFolder, request);
  const setOwner = (guestId: string, ports: readonly OpenPort[]): Promise<RelayAnswer> =>
    ask({ do: 'set', owner: guestId, rules: ports.map(ruleOf) });

  /** A relay that holds `open`; what another program took meanwhile is left out. */
  async function restore(): Promise<void> {
    if (relayPid(holder()) === null) await startRelay(holder(), runFolder);
    const byGuest = Map.groupBy(open, ({ guestId }) => guestId);
    await ask({ do: 'retain', owners: [...byGuest.keys()] });
    const held: OpenPort[] = [];
    for (const [guestId, ports] of byGuest) {
      let rest = ports;
      for (;;) {
        const answer = await setOwner(guestId, rest);
        if (answer.ok || answer.rule === null) break;
        const lost = rest.find((one) => isSame(one, answer.rule as RelayRule));
        log.warn('house: a published port was taken by another program', { port: lost?.hostPort, code: answer.code });
        rest = rest.filter((one) => one !== lost);
      }
      held.push(...rest);
    }
    if (held.length < open.length) await save(held);
  }

  async function change(guestId: string, ports: readonly OpenPort[]): Promise<void> {
    const before = open;
    const next = [...open.filter((one) => one.guestId !== guestId), ...ports];
    if (next.length === 0) {
      await save(next); // first: should the relay not answer, restore() knows
      if (before.length > 0 && relayPid(holder()) !== null) await ask({ do: 'quit' });
      return;
    }
    if (relayPid(holder()) === null) await restore();
    await save(next);
    try {
      const answer = await setOwner(guestId, ports);
      if (!answer.ok) throw refused(answer.code, answer.rule, before);
    } catch (error) {
      await save(before);
      throw error;
    }
  }

  return {
    isBroken: () => open.length > 0 && relayPid(holder()) === null,
    reconcile: () =>
      inTurn(async () => {
        open = ((await readJson<OpenPort[]>(file).catch(() => null)) ?? []).filter(isWhole);
        if (open.length > 0) await restore();
        else if (relayPid(holder()) !== null) await ask({ do: 'quit' });
      }),
    publish: (member) =>
      inTurn(async () => {
        const wanted = member.ports.map((rule) => portFor(member, rule));
        const own = open.filter((one) => one.guestId === member.guestId);
        if (wanted.length === own.length && JSON.stringify(wanted) === JSON.stringify(own)) return;
        await change(member.guestId, wanted);
      }),
    unpublish: (guestId) =>
      inTurn(async () => {
        if (open.some((one) => one.guestId === guestId)) await change(guestId, []);
      }),
  };
}

function portFor(member: HouseMember, rule: HouseMember['ports'][number]): OpenPort {
  const { protocol, hostIp, hostPort, guestPort } = rule;
  const { address, guestId, name: guestName } = member;
  return { protocol, hostIp, hostPort, address, guestPort, guestId, guestName };
}

function ruleOf({ protocol, hostIp, hostPort, address, guestPort }: OpenPort): RelayRule {
  return { protocol, hostIp, hostPort, address, guestPort };
}

function isSame(one: RelayRule, other: RelayRule): boolean {
  return one.protocol === other.protocol && one.hostIp === other.hostIp && one.hostPort === other.hostPort;
}

/** An older version knew no protocol. */
function isWhole(port: OpenPort): boolean {
  return port.protocol === 'tcp' || port.protocol === 'udp';
}

/** What a person understands, when a port cannot be listened on. */
function refused(code: string, rule: RelayRule | null, ours: readonly OpenPort[]): GuesthouseError {
  if (rule === null) {
    return new GuesthouseError({ code: 'internal', message: 'The relay refused a request.', subject: 'ports' });
  }
  const { hostIp, hostPort, protocol } = rule;
  const subject = `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${hostPort}${protocol === 'udp' ? '/udp' : ''}`;
  const state = bindFailure(code);
  if (state === 'denied') {
    return new GuesthouseError({
      code: 'denied',
      message: `Port ${hostPort} may not be opened by an ordinary user.`,
      subject,
      hint: `Choose a port of 1024 or above, or lower the limit: sysctl net.ipv4.ip_unprivileged_port_start=${hostPort}`,
    });
  }
  if (state === 'no-such-address') {
    return new GuesthouseError({
      code: 'invalid',
      message: `${hostIp} is not an address of this host.`,
      subject,
      hint: 'Use 127.0.0.1 (IPv6: ::1) for this host alone, or 0.0.0.0 (IPv6: ::) for every address.',
    });
  }
  const guest = ours.find((one) => one.hostPort === hostPort && one.protocol === protocol)?.guestName;
  const by = guest === undefined ? listenerOn(hostPort, protocol) : `the guest ${guest}`;
  return new GuesthouseError({
    code: 'conflict',
    message: `Port ${hostPort} of the host is in use.`,
    subject,
    cause: by === null ? 'Another program listens on it.' : `It is held by ${by}.`,
    hint: 'Choose another host port, or end what holds it.',
  });
}
