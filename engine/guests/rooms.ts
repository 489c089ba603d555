/** The parts the life of guests is made of, for acts that need several of them. */
import type { DraftCheck, GuestDraft } from '../contract/api.ts';
import type { Claims } from './claims.ts';
import type { GuestsContext } from './context.ts';
import type { Entry } from './entry.ts';
import type { Health } from './health.ts';
import type { Ledger } from './ledger.ts';
import type { Runs } from './runs.ts';
import type { Turns } from './turns.ts';

export interface GuestRooms {
  readonly context: GuestsContext;
  readonly ledger: Ledger;
  readonly turns: Turns;
  readonly runs: Runs;
  readonly health: Health;
  readonly claims: Claims;
  /**
   * `instead`: the guest that is to become so; its own name and ports are not in the way. `ownDisk`: it comes with a disk,
   * so it needs neither an image nor a medium.
   */
  readonly check: (draft: GuestDraft, instead?: Entry | null, ownDisk?: boolean) => Promise<DraftCheck>;
}
