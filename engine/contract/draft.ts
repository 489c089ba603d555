/** A guest that is asked for, or a change to one: what may be left out, and what the engine says of it. */
import type { ErrorShape } from './errors.ts';
import type { FirstLoginWish } from './first-login.ts';
import type { GuestSpec } from './guest.ts';
import type { Medium } from './medium.ts';

/** What may be left out of a spec; the engine fills in defaults. */
export type GuestDraft = Pick<GuestSpec, 'name' | 'isolation'> &
  Partial<Omit<GuestSpec, 'name' | 'isolation' | 'firstLogin'>> & { readonly firstLogin?: FirstLoginWish | null };

/** One thing wrong with a draft, tied to the field it concerns. */
export interface DraftProblem {
  /** Dotted path of the field: `name`, `memoryMib`, `ports.0.hostPort`, `image`. */
  readonly field: string;
  readonly error: ErrorShape;
}

export interface DraftCheck {
  readonly problems: readonly DraftProblem[];
  /** The spec with all defaults filled in, free host ports chosen; null while problems remain. */
  readonly spec: GuestSpec | null;
  /** What is on the medium it would start from, as it says itself; null without one, or where it cannot be read. */
  readonly medium: Medium | null;
}

/** What may change after creation: everything but the isolation and the image it was made from. */
export type GuestChange = Partial<Omit<GuestSpec, 'name' | 'isolation' | 'image' | 'firstLogin'>> & {
  readonly firstLogin?: FirstLoginWish | null;
};

/** How a change would be carried out, field by field. */
export interface ChangePlan {
  /** Done at once, also while it runs. */
  readonly live: readonly string[];
  /** Need the guest to be stopped and made anew with the same data. */
  readonly recreate: readonly string[];
  readonly problems: readonly DraftProblem[];
}
