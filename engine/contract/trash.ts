/** Guests that were removed and can still be had back. */
import type { Guest, Isolation } from './guest.ts';

/** One in the trash: its data stay, its name, ports and addresses are free. */
export interface TrashedGuest {
  readonly id: string;
  /** As it was; others may have it by now. */
  readonly name: string;
  readonly isolation: Isolation;
  /** Name of its image; null: none. */
  readonly image: string | null;
  /** Milliseconds since the epoch. */
  readonly removedAt: number;
  /** When it goes for good by itself; earlier when the disk runs short. */
  readonly keptUntil: number;
}

export interface Trash {
  /** 0: what is removed is gone at once. */
  readonly keepDays: number;
  /** The one removed last comes first. */
  readonly guests: readonly TrashedGuest[];
}

/** The part of `EngineCalls` about the trash. A guest in it is named by its id or its name (the one removed last). */
export interface TrashCalls {
  'trash.list': { args: Record<string, never>; result: Trash };
  /**
   * Puts a guest back into the list. Throws `conflict` when its name is taken, unless it is given another (`name`). Host
   * ports that are taken are chosen anew, and a note of the guest says so.
   */
  'trash.restore': { args: { guest: string; name?: string }; result: Guest };
  /** Removes guests in the trash for good; left out: all. Answers their names. */
  'trash.empty': { args: { guests?: readonly string[] }; result: { removed: readonly string[] } };
  /** How long what is removed is kept (days, 0 to 365). */
  'trash.keep': { args: { days: number }; result: Trash };
}

const MARK = ' (in the trash)';

/** How a guest in the trash is named among those that use an image, a volume or a network. */
export const trashedName = (name: string): string => name + MARK;

/** The name of one named by `trashedName`; null: it is not in the trash. */
export const nameInTrash = (user: string): string | null => (user.endsWith(MARK) ? user.slice(0, -MARK.length) : null);

/** More names than this do not help in a sentence. */
const MOST_NAMED = 5;

/** What is to be done about guests that use what is to be removed. `otherwise`: what else would do for those not in the trash. */
export function freeing(users: readonly string[], otherwise = ''): string {
  const trashed = [...new Set(users.flatMap((name) => nameInTrash(name) ?? []))];
  const alive = users.filter((name) => nameInTrash(name) === null);
  const which = trashed.length > MOST_NAMED ? '' : ` ${trashed.join(' ')}`;
  const steps = [
    ...(alive.length > 0 ? [`Remove ${alive.length === 1 ? alive[0] : 'those guests'} first${otherwise}.`] : []),
    ...(trashed.length > 0
      ? [`What is in the trash can still be put back; give it up by \`guesthouse trash empty${which}\`.`]
      : []),
  ];
  return steps.join(' ');
}
