/** What may be asked of a guest in which state: one table, no code elsewhere decides it. */
import { GuesthouseError } from '../contract/errors.ts';
import type { GuestState } from '../contract/guest.ts';

export type GuestVerb =
  | 'start'
  | 'stop'
  | 'kill'
  | 'restart'
  | 'pause'
  | 'resume'
  | 'remove'
  | 'exec'
  | 'see'
  | 'type'
  | 'update'
  | 'recreate'
  | 'rename'
  | 'clone'
  | 'export'
  | 'compact-disk'
  | 'check-disk'
  | 'open-disk'
  | 'close-disk'
  | 'snapshot'
  | 'restore'
  | 'remove-snapshot'
  | 'suspend';

interface Rule {
  /** States in which the verb makes sense. */
  readonly from: readonly GuestState[];
  /** Shown while it runs; null: the state does not change on the way. */
  readonly during: GuestState | null;
  /** What to do instead, by the state the guest is in. */
  readonly hints: Partial<Record<GuestState, string>>;
}

const NOT_RUNNING = 'Start it first.';
const NOT_RUNNING_NOW = 'It is not running.';

/** Nothing is going on with it. */
const SETTLED: readonly GuestState[] = ['running', 'paused', 'stopped', 'failed'];

const AT_REST: readonly GuestState[] = ['stopped', 'failed'];
const STOP_FIRST = { running: 'Stop it first.', paused: 'Stop it first.' };

const RULES: Readonly<Record<GuestVerb, Rule>> = {
  start: {
    from: ['stopped', 'failed'],
    during: 'starting',
    hints: { running: 'It is running already.', paused: 'It is paused: resume it instead.' },
  },
  stop: {
    from: ['running', 'paused'],
    during: 'stopping',
    hints: { stopped: 'It is stopped already.', failed: NOT_RUNNING_NOW },
  },
  kill: {
    from: ['running', 'paused', 'starting', 'stopping'],
    during: 'stopping',
    hints: { stopped: 'It is stopped already.', failed: NOT_RUNNING_NOW },
  },
  restart: { from: ['running', 'paused', 'stopped', 'failed'], during: 'stopping', hints: {} },
  pause: {
    from: ['running'],
    during: null,
    hints: { paused: 'It is paused already.', stopped: NOT_RUNNING, failed: NOT_RUNNING },
  },
  resume: {
    from: ['paused'],
    during: null,
    hints: { running: 'It is running already.', stopped: NOT_RUNNING, failed: NOT_RUNNING },
  },
  remove: {
    from: ['stopped', 'failed'],
    during: 'deleting',
    hints: { running: 'Stop it first, or ask with force.', paused: 'Stop it first, or ask with force.' },
  },
  update: { from: SETTLED, during: null, hints: {} },
  recreate: { from: SETTLED, during: 'stopping', hints: {} },
  rename: { from: SETTLED, during: null, hints: {} },
  clone: { from: SETTLED, during: null, hints: {} },
  export: {
    from: ['stopped', 'failed'],
    during: null,
    hints: { running: 'Stop it first.', paused: 'Stop it first.' },
  },
  exec: {
    from: ['running'],
    during: null,
    hints: { stopped: NOT_RUNNING, failed: NOT_RUNNING, paused: 'Resume it first.' },
  },
  see: { from: ['running', 'paused'], during: null, hints: { stopped: NOT_RUNNING, failed: NOT_RUNNING } },
  type: {
    from: ['running'],
    during: null,
    hints: { stopped: NOT_RUNNING, failed: NOT_RUNNING, paused: 'Resume it first.' },
  },
  snapshot: { from: SETTLED, during: null, hints: {} },
  restore: { from: SETTLED, during: 'stopping', hints: {} },
  'remove-snapshot': { from: SETTLED, during: null, hints: {} },
  suspend: { from: ['running', 'paused'], during: null, hints: { stopped: NOT_RUNNING, failed: NOT_RUNNING } },
  'compact-disk': { from: AT_REST, during: null, hints: STOP_FIRST },
  'check-disk': { from: AT_REST, during: null, hints: STOP_FIRST },
  'open-disk': { from: AT_REST, during: null, hints: STOP_FIRST },
  'close-disk': { from: AT_REST, during: null, hints: {} },
};

/** What is said of those whose name is no word for it; the guest's name follows. */
const SAID: Partial<Record<GuestVerb, string>> = {
  exec: 'run anything in',
  see: 'show the screen of',
  type: 'type into',
  snapshot: 'take a snapshot of',
  'remove-snapshot': 'remove a snapshot of',
  'compact-disk': 'compact a disk of',
  'check-disk': 'check a disk of',
  'open-disk': 'open the disks of',
  'close-disk': 'close the disks of',
};

/** Whether the verb may be asked in this state. */
export function allows(verb: GuestVerb, state: GuestState): boolean {
  return RULES[verb].from.includes(state);
}

/** The state shown while the verb is carried out. */
export function stateDuring(verb: GuestVerb, state: GuestState): GuestState {
  return RULES[verb].during ?? state;
}

/** Throws `wrong-state` with a hint when the verb makes no sense now. */
export function assertAllowed(verb: GuestVerb, guest: { readonly name: string; readonly state: GuestState }): void {
  if (allows(verb, guest.state)) return;
  const hint = RULES[verb].hints[guest.state];
  throw new GuesthouseError({
    code: 'wrong-state',
    message: `Cannot ${SAID[verb] ?? verb} ${guest.name} while it is ${guest.state}.`,
    subject: guest.name,
    ...(hint ? { hint } : {}),
  });
}

/** Another verb holds the guest. */
export function busy(name: string, verb: string): GuesthouseError {
  return new GuesthouseError({
    code: 'busy',
    message: `${name} is busy: ${verb} is still going on.`,
    subject: name,
    hint: 'Wait for it, or kill the guest.',
  });
}
