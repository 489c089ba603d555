/** Lets the house's network pass packets on. */
import { run } from '../host/process.ts';
import { enterHouse, type Holder } from './holder.ts';

/** /proc/sys/net shows the namespace of whoever opens it, so a process in the house has to write. A constant. */
const ENABLE = 'echo 1 >/proc/sys/net/ipv4/ip_forward';

export async function enableForwarding(holder: Holder): Promise<void> {
  await run([...enterHouse(holder, { network: true }), 'sh', '-c', ENABLE]);
}
