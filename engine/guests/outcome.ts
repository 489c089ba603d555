/** What the end of a run means for the person. */
import type { ErrorCode, ErrorShape } from '../contract/errors.ts';
import type { GuestExit, GuestSpec, GuestState } from '../contract/guest.ts';

/** An end that is a failure of its own, with a way out; null for a program that ended by itself, whatever its code. */
export function failureOf(exit: GuestExit, spec: GuestSpec): ErrorShape | null {
  if (exit.crash !== undefined) {
    return {
      code: 'guest-failed',
      message: `${spec.name} ended by itself: ${exit.crash}`,
      subject: spec.name,
      hint: 'See its log for what it said last.',
    };
  }
  if (!exit.outOfMemory) return null;
  return {
    code: 'guest-failed',
    message: `${spec.name} ran out of memory.`,
    subject: spec.name,
    cause: `All of its ${spec.memoryMib} MiB were in use.`,
    hint: 'Give it more memory.',
  };
}

/** Where a guest that does not run is left when a verb failed, and whether that failure is the reason shown. */
export function afterFailure(verb: string, before: GuestState, code: ErrorCode): { state: GuestState; blame: boolean } {
  const starting = verb === 'start' || verb === 'restart' || verb === 'recreate';
  const blame = verb === 'remove' || (starting && code !== 'cancelled');
  return { state: blame || before === 'failed' ? 'failed' : 'stopped', blame };
}
