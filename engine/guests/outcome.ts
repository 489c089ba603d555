/** What the end of a run means for the person. */
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestExit, GuestSpec } from '../contract/guest.ts';

/** An end that is a failure of its own, with a way out; null for a program that ended by itself, whatever its code. */
export function failureOf(exit: GuestExit, spec: GuestSpec): ErrorShape | null {
  if (!exit.outOfMemory) return null;
  return {
    code: 'guest-failed',
    message: `${spec.name} ran out of memory.`,
    subject: spec.name,
    cause: `All of its ${spec.memoryMib} MiB were in use.`,
    hint: 'Give it more memory.',
  };
}
