/** The house as one thing: what `house.ts` promises, made from the holder, the uplink, the names and the ports. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Log } from '../host/log.ts';
import type { Paths } from '../host/paths.ts';
import { BRIDGE, GATEWAY, PREFIX_LENGTH, tapName, vethName } from './addresses.ts';
import { houseFindings } from './doctor.ts';
import { applyRules } from './firewall.ts';
import { enableForwarding } from './forwarding.ts';
import {
  endHolder,
  enterAsService,
  enterHouse,
  type Holder,
  idsOfThisUser,
  isAlive,
  recordedHolder,
  startHolder,
  writeHolder,
} from './holder.ts';
import { hostAddresses } from './host-addresses.ts';
import type { House, HouseMember } from './house.ts';
import { createLinkControl } from './link.ts';
import { dhcpLine, hostsLine, nameFolders, namesPid, placeFile, removeFile, rereadNames, startNames } from './names.ts';
import { makeNamespace, removeNamespace } from './namespaces.ts';
import { bridgeBatch, firewallRules, guestBatch, hostAddressRules, plugBatch, tapBatch } from './nat.ts';
import { createPortTable } from './ports.ts';
import { type Lack, networkLack } from './requirements.ts';
import { parseTraffic } from './traffic.ts';
import { startUplink, uplinkPid } from './uplink.ts';

/** Everything of a house in the run folder; what a new house must not find. */
const RUN_FILES = ['netns', 'hosts', 'dhcp', 'leases', 'ports.json', 'slirp.sock', 'dnsmasq.pid'];

export function createHouse({ paths, log }: { readonly paths: Paths; readonly log: Log }): House {
  const folders = nameFolders(paths.run);
  let holder: Holder | null = null;
  let lack: Lack | null = { reason: 'The house has not been started yet.', fix: null };
  let blocked = '';
  let reconciled = false;
  let cables = Math.floor(Math.random() * 36 ** 2);
  let ensuring: Promise<void> | null = null;

  const home = (): Holder => {
    if (holder === null) throw new GuesthouseError({ code: 'internal', message: 'The house has not been started.' });
    return holder;
  };
  const link = createLinkControl(() => enterAsService(home(), { inside: true }));
  const ports = createPortTable({ runFolder: paths.run, log, applyRules: (rules) => applyRules(home(), rules) });

  async function ensureHolder(): Promise<Holder> {
    if (holder !== null && isAlive(holder)) return holder;
    link.close(); // it would go on in the old house
    reconciled = false;
    blocked = '';
    const recorded = await recordedHolder(paths.run);
    if (recorded !== null && isAlive(recorded)) {
      log.info('house: met again', { pid: recorded.pid });
      return recorded;
    }
    const started = await startHolder(paths.run, recorded);
    // Only a house without survivors starts with nothing in it.
    if (recorded?.mountNamespace !== started.mountNamespace) await clear(RUN_FILES);
    log.info('house: started', { pid: started.pid, ids: started.ids });
    return started;
  }

  async function ensureNetwork(): Promise<void> {
    if (!home().networkReady) {
      await link.apply(`link del ${BRIDGE}\n`).catch(() => {}); // half-made by an engine that died
      await link.apply(bridgeBatch());
      await enableForwarding(home());
      await applyRules(home(), firewallRules());
      blocked = '';
    }
    await blockHostAddresses();
    if (uplinkPid(home()) === null) {
      await startUplink(home(), paths.run);
      reconciled = false;
    }
    if (namesPid(home()) === null) await startNames(home(), paths.run);
    if (!home().networkReady) {
      holder = { ...home(), networkReady: true };
      await writeHolder(paths.run, holder);
    }
    if (!reconciled) await ports.reconcile();
    reconciled = true;
  }

  /** Guests must not reach the host under any address it has now. */
  async function blockHostAddresses(): Promise<void> {
    const rules = hostAddressRules(hostAddresses());
    if (rules === blocked) return;
    await applyRules(home(), rules);
    blocked = rules;
  }

  async function ensureAll(): Promise<void> {
    holder = await ensureHolder();
    lack = networkLack();
    if (lack !== null) return;
    try {
      await ensureNetwork();
    } catch (error) {
      const { message, cause, hint } = toErrorShape(error);
      lack = { reason: cause ? `${message} ${cause}` : message, fix: hint ?? null };
      log.error('house: no network', { error });
    }
  }

  async function needNetwork(): Promise<Holder> {
    await house.ensure();
    if (lack === null) return home();
    throw new GuesthouseError({
      code: 'unsupported',
      message: 'Networking does not work on this host.',
      subject: 'network',
      cause: lack.reason,
      ...(lack.fix === null ? {} : { hint: lack.fix }),
    });
  }

  async function clear(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(paths.run, name), { recursive: true, force: true });
  }

  const house: House = {
    gateway: GATEWAY,
    prefixLength: PREFIX_LENGTH,
    get pid() {
      return holder?.pid ?? null;
    },
    ensure() {
      ensuring ??= ensureAll().finally(() => {
        ensuring = null;
      });
      return ensuring;
    },
    async privilege() {
      const ids = await house.ensure().then(() => home().ids, idsOfThisUser);
      return ids === 'root' ? 'root' : ids === 'range' ? 'rootless' : 'plain';
    },
    enter: (options) => enterHouse(home(), options),
    async network() {
      try {
        await house.ensure();
      } catch (error) {
        const { message, cause, hint } = toErrorShape(error);
        return { ok: false, reason: cause ? `${message} ${cause}` : message, fix: hint ?? null };
      }
      return lack === null ? { ok: true } : { ok: false, ...lack };
    },
    async attachNamespace(member: HouseMember) {
      const name = hostsLine(member.name, member.address);
      const at = await needNetwork();
      await house.detach(member.guestId);
      cables += 1;
      const cable = vethName(member.guestId, cables);
      const path = await makeNamespace(at, paths.run, member.guestId, guestBatch(member, cable, at.pid));
      try {
        await link.apply(plugBatch(cable));
        await placeFile(folders.hosts, member.guestId, name);
      } catch (error) {
        await house.detach(member.guestId);
        throw error;
      }
      return { path };
    },
    async attachNone(guestId) {
      await house.ensure();
      await removeNamespace(paths.run, guestId);
      return { path: await makeNamespace(home(), paths.run, guestId, 'link set lo up\n') };
    },
    async attachTap(member) {
      const name = hostsLine(member.name, member.address);
      await needNetwork();
      await house.detach(member.guestId);
      try {
        await placeFile(folders.dhcp, member.guestId, dhcpLine(member.mac, member.address));
        await placeFile(folders.hosts, member.guestId, name);
        await link.apply(tapBatch(member.guestId));
      } catch (error) {
        await house.detach(member.guestId);
        throw error;
      }
      return { device: tapName(member.guestId) };
    },
    async publish(member) {
      if (member.ports.length > 0) await needNetwork();
      else if (lack !== null) return;
      await ports.publish(member);
    },
    async unpublish(guestId) {
      if (holder === null || lack !== null) return;
      await ports.unpublish(guestId);
    },
    async detach(guestId) {
      if (holder === null) await house.ensure();
      await house.unpublish(guestId).catch((error) => log.warn('house: ports were left open', { guestId, error }));
      await removeNamespace(paths.run, guestId);
      const named = await removeFile(folders.hosts, guestId);
      const leased = await removeFile(folders.dhcp, guestId);
      if (leased) await link.apply(`link del ${tapName(guestId)}\n`).catch(() => {});
      if (named || leased) rereadNames(home());
    },
    async traffic() {
      if (holder === null) return new Map();
      if (lack === null) await blockHostAddresses().catch((error) => log.warn('house: host addresses', { error }));
      return parseTraffic(await readFile(`/proc/${holder.pid}/net/dev`, 'utf8').catch(() => ''));
    },
    doctor: () => houseFindings(house, () => holder),
    async demolish() {
      const last = holder ?? (await recordedHolder(paths.run));
      link.close();
      holder = null;
      reconciled = false;
      if (last !== null) await endHolder(last);
      await clear([...RUN_FILES, 'house.json', 'house.net', 'house.log', 'slirp4netns.log', 'dnsmasq.log']);
    },
    async close() {
      link.close();
      holder = null;
    },
  };
  return house;
}
