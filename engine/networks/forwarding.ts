/** Lets the house's networks pass packets on. */
import { run } from '../host/process.ts';
import { enterHouse, type Holder } from './holder.ts';

/**
 * /proc/sys/net shows the namespace of whoever opens it, so a process in the house has to write. Devices of the house
 * get no IPv6 addresses by themselves and believe no router: guests are at the other end. Where the host has br_netfilter
 * (Docker loads it), what stays on one bridge need not go through the firewall. A constant.
 */
const SET_UP = `set -e
echo 1 >/proc/sys/net/ipv4/ip_forward
for word in /proc/sys/net/bridge/bridge-nf-call-*
do [ ! -w "$word" ] || echo 0 >"$word" || :
done
cd /proc/sys/net/ipv6/conf 2>/dev/null || exit 0
echo 1 >default/addr_gen_mode
echo 0 >default/accept_ra
echo 0 >default/accept_dad
echo 1 >all/forwarding`;

export async function enableForwarding(holder: Holder): Promise<void> {
  await run([...enterHouse(holder, { network: true }), 'sh', '-c', SET_UP]);
}
