/** Ending a machine: asked in the guest, then asked of QEMU, then by force. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { ended, signalProcess } from '../../host/process-ref.ts';
import { readAgent, tellAgent } from './agent.ts';
import { shutDown } from './guest-agent/acts.ts';
import type { LiveMachine } from './live.ts';

/** QEMU's own end after `quit`, with its disk flushed (ms). */
const QUIT_TIMEOUT_MS = 3_000;
const KILL_TIMEOUT_MS = 5_000;
/** What init itself needs after the command's end, for writing the disk back and switching off (s). */
const POWER_OFF_SECONDS = 2;

export async function stopMachine(machine: LiveMachine, graceMs: number): Promise<void> {
  const { qemu } = machine.record;
  await ask(machine, graceMs).catch(() => {}); // then the harder ways follow
  if (await ended(qemu, graceMs)) return settled(machine);
  const quit = machine.qmp().then((qmp) => qmp.execute('quit'));
  await Promise.race([quit.catch(() => {}), ended(qemu, QUIT_TIMEOUT_MS)]);
  if (await ended(qemu, QUIT_TIMEOUT_MS)) return settled(machine);
  await killMachine(machine);
}

async function ask(machine: LiveMachine, graceMs: number): Promise<void> {
  // A paused guest hears nothing.
  if (await machine.paused()) await machine.setPaused(false);
  const { files, record } = machine;
  if (record.agent && (await readAgent(files)).hello) {
    // Its command gets a second less than the rest, so that the end is still a clean one.
    const seconds = Math.max(0, Math.floor(graceMs / 1000) - 1 - POWER_OFF_SECONDS);
    return tellAgent(files, `poweroff ${seconds}`);
  }
  // Not every system heeds the power button: a server without a login session may, a desktop asks first.
  const { guestAgent } = machine;
  if (await guestAgent.isThere().catch(() => false)) await shutDown(guestAgent).catch(() => {});
  await (await machine.qmp()).execute('system_powerdown');
}

/** By process number: works on a QEMU that answers nothing. */
export async function killMachine(machine: LiveMachine): Promise<void> {
  const { qemu } = machine.record;
  signalProcess(qemu, 'SIGKILL');
  if (!(await ended(qemu, KILL_TIMEOUT_MS))) {
    throw new GuesthouseError({
      code: 'timeout',
      message: 'QEMU does not end, although it was killed.',
      subject: `process ${qemu.pid}`,
      hint: 'It waits for the host, often for a disk. Look at the host’s own log.',
    });
  }
  return settled(machine);
}

/** The process is gone: let the watch see it now, so that what follows finds it ended. */
async function settled(machine: LiveMachine): Promise<void> {
  machine.look();
  await Promise.race([machine.ended, sleep(1_000)]);
}
