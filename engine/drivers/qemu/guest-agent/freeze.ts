/**
 * File systems of a guest standing still for a moment, so that a picture of its disks is one that a person would have
 * wanted: everything written back, nothing half-written. For snapshots of a running machine.
 */
import { GuesthouseError } from '../../../contract/errors.ts';
import type { GuestAgent } from './client.ts';

export interface Frozen {
  /** File systems that stood still; 0: none did, and `why` says why (as a sentence). */
  readonly fileSystems: number;
  readonly why: string | null;
}

/** A guest left frozen is as good as dead. */
const THAW_TRIES = 3;

/**
 * Freezes, does something, thaws in any case. Without an agent, or when it refuses, the act is done all the same. The act
 * should be quick: whatever writes in the guest waits for its end. Throws what the act throws; a guest that could not be
 * thawed is told by `onStuck`.
 */
export async function withFrozenFileSystems<T>(
  agent: GuestAgent,
  act: (frozen: Frozen) => Promise<T>,
  onStuck: (error: GuesthouseError) => void = () => {},
): Promise<T> {
  const frozen = await freeze(agent);
  try {
    return await act(frozen);
  } finally {
    if (frozen.fileSystems > 0) await thaw(agent).catch(onStuck);
  }
}

/** Never throws: that a guest cannot be frozen is no reason for not taking a snapshot. */
export async function freeze(agent: GuestAgent): Promise<Frozen> {
  try {
    if (!(await agent.isThere())) return { fileSystems: 0, why: 'No guest agent runs in it.' };
    const count = await agent.execute('guest-fsfreeze-freeze');
    return { fileSystems: typeof count === 'number' && count > 0 ? count : 0, why: null };
  } catch (error) {
    // It may have frozen some before it failed, or have answered too late.
    await thaw(agent).catch(() => {});
    const { message, cause } = error as GuesthouseError;
    return { fileSystems: 0, why: typeof cause === 'string' ? cause : message };
  }
}

/** Throws when it did not after several tries. */
export async function thaw(agent: GuestAgent): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await agent.execute('guest-fsfreeze-thaw');
      return;
    } catch (error) {
      const known = error instanceof GuesthouseError && (error.code === 'disconnected' || error.code === 'unsupported');
      if (known || tries === THAW_TRIES) throw error;
    }
  }
}
