/** A guest's clock after it stood still, paused or restored: set to the host's. */
import { readAgent, tellAgent } from './agent.ts';
import { setTime } from './guest-agent/acts.ts';
import type { LiveMachine } from './live.ts';

/** Never throws: a guest without an agent keeps its own time, or asks a server for it. */
export async function setClock(machine: LiveMachine): Promise<void> {
  const { files, guestAgent, record } = machine;
  try {
    if (record.agent && (await readAgent(files)).hello)
      await tellAgent(files, `clock ${(Date.now() / 1000).toFixed(3)}`);
    else if (await guestAgent.isThere()) await setTime(guestAgent, Date.now());
  } catch {
    // said above
  }
}
