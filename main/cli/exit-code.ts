/** How a guest ended, as an exit code of ours. */
import type { Client } from '../../engine/contract/client.ts';
import type { Guest, GuestExit } from '../../engine/contract/guest.ts';

/** As shells say that a signal ended a program. */
const SIGNALLED = 128;
/** The end of a console may be heard before the guest's own end is recorded (ms). */
const RECORDED_TIMEOUT_MS = 10_000;

export function codeOf({ code, signal }: Pick<GuestExit, 'code' | 'signal'>): number {
  return signal !== null ? SIGNALLED + signal : (code ?? 0);
}

/** `told`: what the console said, which is enough where it said something. */
export async function exitCode(
  client: Client,
  { id, name }: Pick<Guest, 'id' | 'name'>,
  told: number | null,
): Promise<number> {
  try {
    const states = ['stopped', 'failed'];
    const { exit } = await client.call('guests.wait', { guest: id, states, timeoutMs: RECORDED_TIMEOUT_MS });
    if (exit?.outOfMemory) process.stderr.write(`${name} was ended for want of memory.\n`);
    return told ?? (exit ? codeOf(exit) : 0);
  } catch {
    // It was removed by itself, or runs anew by its restart policy.
    return told ?? 0;
  }
}
