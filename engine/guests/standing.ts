/** How a guest stands that does not run when an engine opens: how it ended, and whether its policy starts it anew. Pure. */
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestExit } from '../contract/guest.ts';
import type { Manifest } from './manifest.ts';
import { failureOf } from './outcome.ts';
import { didFail, startsWithHost, waitAfter } from './policy.ts';

export interface Standing {
  readonly exit: GuestExit | null;
  readonly failure: ErrorShape | null;
  /** Until it is to be started anew (ms); null: it is not. */
  readonly waitMs: number | null;
  /** It ended while nobody looked. */
  readonly isNews: boolean;
}

/** `reaped`: how the last run ended as far as its remains tell. `boot`: the host's life now. */
export function standing(manifest: Manifest, reaped: GuestExit | null, boot: string, now = Date.now()): Standing {
  const { spec, wanted, exit, failure } = manifest;
  if (wanted === 'stopped') {
    const waitMs = startsWithHost(spec.restart, manifest.bootId, boot) ? 0 : null;
    return { exit, failure, waitMs, isNews: false };
  }
  // Both are emptied at a start, so it had ended already and was waiting for the next.
  if (exit !== null || failure !== null) {
    if (spec.restart.when === 'no') return { exit, failure, waitMs: null, isNews: false };
    const since = manifest.bootId === boot ? now - (exit?.at ?? now) : Number.POSITIVE_INFINITY;
    return { exit, failure, waitMs: Math.max(0, manifest.waitMs - Math.max(0, since)), isNews: false };
  }
  // Cut off with the host or its watcher: how long it had run is not known, and how often it failed before is no matter.
  const ranMs = reaped && manifest.startedAt !== null ? reaped.at - manifest.startedAt : Number.POSITIVE_INFINITY;
  const ending = { failed: didFail(reaped), ranMs };
  return {
    exit: reaped,
    failure: reaped ? failureOf(reaped, spec) : null,
    waitMs: waitAfter(spec.restart, ending, manifest),
    isNews: true,
  };
}
