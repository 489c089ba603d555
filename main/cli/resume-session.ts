/** What of a console session was shown, so that the next owner of the engine can be asked for the rest. Pure. */
import type { EngineStreams } from '../../engine/contract/api.ts';

type Request = EngineStreams['console']['args'];

export interface SessionResume {
  /** What to open next. */
  request(): Request;
  opened(session: string): void;
  /** What of these bytes is to be shown. */
  add(channel: 'stdout' | 'stderr', bytes: Uint8Array): Uint8Array;
  lost(): void;
}

/** So much of what was written is surely still there to be told again (bytes); beyond that it goes on with what comes. */
const KEPT_BYTES = 256 * 1024;

export function createSessionResume(wanted: Request): SessionResume {
  // Shown from the first byte on, each side has a number by which it goes on.
  let isWhole = wanted.tailBytes === undefined;
  const shown = { stdout: 0, stderr: 0 };
  let skip = { stdout: 0, stderr: 0 };
  let request = wanted;
  return {
    request: () => request,
    opened(session) {
      const { guest: _, ...rest } = wanted;
      request = { ...rest, session };
    },
    add(channel, bytes) {
      const known = Math.min(skip[channel], bytes.length);
      skip[channel] -= known;
      shown[channel] += bytes.length - known;
      return known === 0 ? bytes : bytes.subarray(known);
    },
    lost() {
      if (shown.stdout + shown.stderr > KEPT_BYTES) isWhole = false;
      const { tailBytes: _, ...rest } = request;
      request = isWhole ? rest : { ...rest, tailBytes: 0 };
      skip = isWhole ? { ...shown } : { stdout: 0, stderr: 0 };
    },
  };
}
