/** A machine that was just spawned with a kept memory: waits until it is in, and lets it go on. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import { readAgent, tellAgent } from '../agent.ts';
import type { KeptLine } from '../argv/plan.ts';
import { setClock } from '../clock.ts';
import { idOfPort, unplugPorts } from '../exec/ports.ts';
import { execByAgent } from '../guest-agent/acts.ts';
import type { LiveMachine } from '../live.ts';
import { WITHOUT } from './shape.ts';

export const LOAD_TIMEOUT_MS = 120_000;
const LOOK_MS = 4;
const SEED_BYTES = 64;
const SEED_TIMEOUT_MS = 10_000;

/** `failed`: whether QEMU is known to be dead. Throws `bad-data` when the memory does not fit. */
export async function awaitLoaded(
  machine: LiveMachine,
  guestName: string,
  failed: () => boolean,
  abort: AbortSignal,
): Promise<void> {
  const until = performance.now() + LOAD_TIMEOUT_MS;
  for (;;) {
    abort.throwIfAborted();
    const status = await machine
      .qmp()
      .then((qmp) => qmp.execute('query-status'))
      .catch((error) => {
        if (failed()) throw misfit(guestName);
        // While it reads, it answers nothing.
        if (error instanceof GuesthouseError && error.code === 'timeout') return { status: 'inmigrate' };
        throw error;
      });
    if ((status as { status?: string }).status !== 'inmigrate') return;
    if (performance.now() > until) throw misfit(guestName);
    await sleep(LOOK_MS);
  }
}

function misfit(guestName: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `${guestName} cannot go on with its kept memory.`,
    subject: guestName,
    cause: 'It does not fit the machine QEMU makes now, or its file is damaged.',
    hint: WITHOUT,
  });
}

/** Programs that were run in it from outside have nobody there any more: they end, and their ports go. Never rejects. */
export async function hangUp(machine: LiveMachine, lines: readonly KeptLine[]): Promise<void> {
  const names = lines.map(({ name }) => name);
  try {
    for (const id of new Set(names.map(idOfPort))) await tellAgent(machine.files, `end ${id}`);
    await unplugPorts(await machine.qmp(), names);
  } catch {
    // They stay, and do nothing.
  }
}

/** What a system is told that was away: what time it is, and randomness of its own. Never rejects. */
export async function tellAwake(machine: LiveMachine): Promise<void> {
  // A system without an agent would be waited for.
  void reseed(machine).then(() => setClock(machine));
}

/** Random numbers it had already drawn from would come again: a memory may be gone on with twice. Never rejects. */
async function reseed({ record, files, guestAgent }: LiveMachine): Promise<void> {
  const seed = randomBytes(SEED_BYTES);
  try {
    if (record.agent && (await readAgent(files)).hello) await tellAgent(files, `seed ${seed.toString('hex')}`);
    else if (record.hardware?.system === 'linux' && (await guestAgent.isThere()))
      // A kernel takes it up within the minute.
      await execByAgent(guestAgent, {
        command: ['/bin/sh', '-c', 'cat >/dev/urandom'],
        env: [],
        input: seed,
        timeoutMs: SEED_TIMEOUT_MS,
      });
  } catch {
    // said above
  }
}
