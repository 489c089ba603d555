/**
 * What the system in a machine is told so that it uses what it was given: by our init, else by qemu-guest-agent. One with
 * neither may do so by itself (udev), or leaves it lying.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { tellAgent } from '../agent.ts';
import type { GuestAgent } from '../guest-agent/client.ts';
import type { LiveMachine } from '../live.ts';

/** The guest's kernel finds a processor within a second; an emulated, busy one may take longer (ms). */
const FOUND_TIMEOUT_MS = 20_000;
const LOOK_MS = 200;
const UNTOLD =
  'Its system was given more than it may use by itself: no guest agent runs in it. In Linux, write 1 or online to the `online` and `state` files under /sys/devices/system/{cpu,memory}.';

export async function takeProcessors(machine: LiveMachine, wanted: number): Promise<void> {
  await told(machine, `processors ${wanted}`, (agent) => startProcessors(agent, wanted));
}

/** Waits for the guest's kernel to find that many. */
export async function startProcessors(agent: GuestAgent, wanted: number): Promise<void> {
  for (const until = performance.now() + FOUND_TIMEOUT_MS; ; await sleep(LOOK_MS)) {
    const all = (await agent.execute('guest-get-vcpus')) as readonly GuestProcessor[];
    const off = all.filter((one) => !one.online).map((one) => ({ 'logical-id': one['logical-id'], online: true }));
    if (off.length > 0) await agent.execute('guest-set-vcpus', { vcpus: off });
    if (all.length >= wanted || performance.now() > until) return;
  }
}

/**
 * Before it comes: what comes is then taken so that it can be given back. An init that has not spoken yet reads it when it
 * does.
 */
export async function beforeMemory({ record, files }: LiveMachine): Promise<void> {
  if (record.agent) await tellAgent(files, 'memory');
}

export async function takeMemory(machine: LiveMachine): Promise<void> {
  await told(machine, null, useMemory);
}

export async function useMemory(agent: GuestAgent): Promise<void> {
  const all = (await agent.execute('guest-get-memory-blocks')) as readonly GuestMemoryBlock[];
  const off = all.filter((one) => !one.online).map((one) => ({ 'phys-index': one['phys-index'], online: true }));
  if (off.length > 0) await agent.execute('guest-set-memory-blocks', { 'mem-blks': off });
}

interface GuestProcessor {
  readonly 'logical-id': number;
  readonly online: boolean;
}
interface GuestMemoryBlock {
  readonly 'phys-index': number;
  readonly online: boolean;
}

/** A system that cannot be told has what it was given all the same. */
async function told(machine: LiveMachine, line: string | null, byAgent: (agent: GuestAgent) => Promise<void>) {
  const { record, files, guestAgent } = machine;
  if (record.agent) {
    if (line !== null) await tellAgent(files, line);
    return;
  }
  const isTold =
    (await guestAgent.isThere()) &&
    (await byAgent(guestAgent).then(
      () => true,
      () => false,
    ));
  if (!isTold && record.hardware?.system === 'linux') machine.note(UNTOLD);
}
