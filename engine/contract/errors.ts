/**
 * Every way a request can fail, as a closed set. A failure carries what happened (`message`), to what (`subject`),
 * why (`cause`) and what the person can do (`hint`, and `fix` where one button can do it).
 */
export const ERROR_CODES = [
  'invalid', // the request itself cannot be right: a bad name, an impossible size
  'not-found', // the named guest, image or session does not exist
  'conflict', // the name, port or file is taken
  'busy', // another operation holds the guest
  'wrong-state', // the guest's state does not allow the verb
  'unsupported', // this host or driver cannot do it; `cause` says what is missing
  'missing-tool', // a program of the host is not installed; `hint` names the package
  'denied', // the host or the token refused
  'resources', // disk, memory or another limit of the host is exhausted
  'timeout', // a deadline passed
  'cancelled', // somebody asked to stop
  'guest-failed', // the guest's own program or kernel failed
  'bad-data', // a file or archive is not what it claims to be
  'disconnected', // the link to the engine broke; the outcome is not known
  'internal', // a fault of Guesthouse itself
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error as it crosses the boundary: plain data. */
export interface ErrorShape {
  readonly code: ErrorCode;
  /** One sentence: what happened. No trailing stack, no internal names. */
  readonly message: string;
  /** What it happened to: a guest name, an image, a port, a field (`ports.0.hostPort`). */
  readonly subject?: string;
  /** Why, in the words of whoever refused (kernel, runtime, QEMU), shortened. */
  readonly cause?: string;
  /** What the person can do about it, as a sentence. */
  readonly hint?: string;
}

/** Thrown everywhere in the engine; anything else that is thrown is a fault and crosses the boundary as `internal`. */
export class GuesthouseError extends Error implements ErrorShape {
  readonly code: ErrorCode;
  readonly subject?: string;
  override readonly cause?: string;
  readonly hint?: string;

  constructor(shape: ErrorShape) {
    super(shape.message);
    this.name = 'GuesthouseError';
    this.code = shape.code;
    if (shape.subject !== undefined) this.subject = shape.subject;
    if (shape.cause !== undefined) this.cause = shape.cause;
    if (shape.hint !== undefined) this.hint = shape.hint;
  }
}

/** Turns anything thrown into the shape that crosses the boundary. */
export function toErrorShape(thrown: unknown): ErrorShape {
  if (thrown instanceof GuesthouseError) {
    const { code, message, subject, cause, hint } = thrown;
    return {
      code,
      message,
      ...(subject === undefined ? {} : { subject }),
      ...(cause === undefined ? {} : { cause }),
      ...(hint === undefined ? {} : { hint }),
    };
  }
  if (thrown instanceof Error && thrown.name === 'AbortError') return { code: 'cancelled', message: 'Cancelled.' };
  return {
    code: 'internal',
    message: thrown instanceof Error ? thrown.message : String(thrown),
    hint: 'This is a fault of Guesthouse. Please report it with the lines of the log around this moment.',
  };
}
