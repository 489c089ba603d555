/** What the doctor says about the house. */

import { toErrorShape } from '../contract/errors.ts';
import type { Finding } from '../contract/host.ts';
import { findProgram, installHint } from '../host/tools.ts';
import { bridgeName } from './addresses.ts';
import type { Holder } from './holder.ts';
import type { House } from './house.ts';
import { namesPid } from './names.ts';
import { networkLack, tunLack } from './requirements.ts';
import { ownRanges } from './subids.ts';
import { uplinkPid } from './uplink.ts';

export async function houseFindings(house: House, holderNow: () => Holder | null): Promise<Finding[]> {
  const error = await house.ensure().then(
    () => null,
    (thrown: unknown) => toErrorShape(thrown),
  );
  const network = await house.network();
  // Only now it says whether its network is there: a house has none before one is needed.
  const holder = holderNow();
  const service = (id: string, title: string, tool: string, pid: number | null): Finding => {
    if (findProgram(tool) === null)
      return problem(id, title, `The program ${tool} is not installed.`, installHint(tool));
    if (pid !== null) return fine(id, title, `${tool} runs (pid ${pid}).`);
    return problem(id, title, network.ok ? `${tool} does not run.` : network.reason, network.ok ? null : network.fix);
  };
  return [
    holder !== null && error === null
      ? fine('house', 'House', `Guests live in the namespaces of process ${holder.pid}.`)
      : problem('house', 'House', sentence(error), error?.hint ?? null),
    subids(holder),
    tun(),
    service('uplink', 'Way out', 'slirp4netns', holder && uplinkPid(holder)),
    service('names', 'Names and addresses', 'dnsmasq', holder && namesPid(holder, bridgeName(0))),
    firewall(network, holder),
  ];
}

function subids(holder: Holder | null): Finding {
  const title = 'Subordinate ids';
  if (process.getuid?.() === 0) return fine('subids', title, 'Not needed: the engine runs as root.');
  const ranges = ownRanges();
  if (ranges === null) {
    return {
      id: 'subids',
      level: 'warning',
      title,
      found: 'This user has no range in /etc/subuid and /etc/subgid, so guests know a single user only.',
      fix: 'As root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 <user>, then restart the house.',
    };
  }
  if (findProgram('newuidmap') === null) {
    return problem('subids', title, 'The program newuidmap is not installed.', installHint('newuidmap'));
  }
  if (holder?.ids === 'single') {
    return {
      id: 'subids',
      level: 'warning',
      title,
      found: 'The range was given after the house was started.',
      fix: 'Stop all guests and start Guesthouse again.',
    };
  }
  return fine('subids', title, `${ranges.uids.count} further user ids from ${ranges.uids.start} on.`);
}

function tun(): Finding {
  const lack = tunLack();
  return lack === null
    ? fine('tun', 'Network devices', '/dev/net/tun can be used.')
    : problem('tun', 'Network devices', lack.reason, lack.fix);
}

function firewall(network: Awaited<ReturnType<House['network']>>, holder: Holder | null): Finding {
  if (findProgram('nft') === null)
    return problem('firewall', 'Firewall', 'The program nft is not installed.', installHint('nft'));
  if (holder?.networkReady)
    return fine('firewall', 'Firewall', 'Guests cannot reach the host; only published ports lead in.');
  const lack = networkLack();
  return problem('firewall', 'Firewall', network.ok ? 'It is not set up.' : network.reason, lack?.fix ?? null);
}

function fine(id: string, title: string, found: string): Finding {
  return { id, level: 'ok', title, found, fix: null };
}

function problem(id: string, title: string, found: string, fix: string | null): Finding {
  return { id, level: 'problem', title, found, fix };
}

function sentence(error: { message: string; cause?: string } | null): string {
  return error === null ? 'It was not started.' : error.cause ? `${error.message} ${error.cause}` : error.message;
}
