/** Text of a guest's snapshots, and of suspending it. */
import type { Snapshot, SnapshotSchedule } from '../../engine/contract/index.ts';
import { bytes, list, span } from './format.ts';

export const snapshots = {
  title: 'Snapshots',
  loading: 'Looking at the snapshots',
  take: 'Take snapshot',
  name: 'Name',
  taken: 'Taken',
  size: 'On this host',
  state: 'State then',
  nowHere: 'now',
  hereTitle: 'The guest stands on this one',
  stateOf: ({ state, memory }: Snapshot): string =>
    memory ? `${state}, with memory` : { running: 'running', paused: 'paused', stopped: 'stopped' }[state],
  auto: 'by schedule',
  actions: (name: string): string => `Actions for the snapshot ${name}`,
  picture: (name: string): string => `The screen when ${name} was taken`,
  since: (amount: number, name: string | null): string =>
    name === null ? `Its own data: ${bytes(amount)}.` : `${bytes(amount)} were written since ${name}.`,
  kept: (amount: number): string => ` ${bytes(amount)} of removed ones are still needed by several others.`,
  leftOut: (what: readonly string[]): string => `Not part of a snapshot: ${list(what)}.`,
  none: {
    title: 'No snapshots yet',
    text: 'A snapshot keeps what the guest is now, to go back to: before an update, a try, a change you may regret. It takes a moment, also while the guest runs, and little room: only what is written afterwards counts.',
  },
  takeAsk: {
    title: (guest: string): string => `A snapshot of ${guest}`,
    name: 'Name',
    namePlaceholder: 'its time',
    description: 'What it is for',
    memory: (amount: number): string => `With its memory (at most ${bytes(amount)}): restored, it goes on where it was`,
    noMemory: (why: string): string => `Its memory is not kept: ${why}`,
    keep: 'Cancel',
    yes: 'Take snapshot',
    done: (name: string, amount: number): string => `Snapshot ${name} taken: ${bytes(amount)}`,
  },
  restore: 'Restore…',
  restoreAsk: {
    title: (guest: string, name: string): string => `Make ${guest} what it was in ${name}?`,
    lost: (amount: number | null, base: string | null): string => {
      const much = amount === null ? '' : ` (${bytes(amount)})`;
      return base === null
        ? `Everything it wrote that is in no snapshot${much} is lost.`
        : `What it wrote since ${base}${much} is lost.`;
    },
    ends: ' It runs, and is ended at once.',
    goesOn: ' It then goes on where it was, with its memory.',
    stays: ' It is stopped then.',
    others: ' The snapshots all stay.',
    keep: 'Keep it as it is',
    yes: (name: string): string => `Restore ${name}`,
    done: (guest: string, name: string): string => `${guest} is what it was in ${name}`,
  },
  branch: 'New guest from it…',
  branchAsk: {
    title: (name: string): string => `A new guest from ${name}`,
    text: 'It begins as this one was then, as after a loss of power, with an address of its own. What both have in common is on the disk once.',
    name: 'Name of the new guest',
    keep: 'Cancel',
    yes: 'Make the guest',
    done: (name: string): string => `${name} is made`,
  },
  edit: 'Name and purpose…',
  editAsk: { title: (name: string): string => `The snapshot ${name}`, keep: 'Cancel', yes: 'Save' },
  remove: 'Delete…',
  removeAsk: {
    title: (name: string): string => `Delete the snapshot ${name}?`,
    text: (guest: string, memory: boolean): string =>
      `${guest} cannot become that again${memory ? ', and the memory that was kept is gone' : ''}. What it is now and the other snapshots stay: what they need of it becomes part of them, which can take a while.`,
    keep: (name: string): string => `Keep ${name}`,
    yes: (name: string): string => `Delete ${name}`,
    done: (name: string, before: number, after: number): string =>
      `${name} deleted: ${bytes(before)} before, ${bytes(after)} now`,
  },
  schedule: {
    edit: 'Schedule…',
    off: 'There is no schedule.',
    on: ({ everyMs, keep, memory }: SnapshotSchedule): string =>
      `One every ${span(everyMs)}${memory ? ', with memory' : ''}; the last ${keep} are kept.`,
    title: (guest: string): string => `Scheduled snapshots of ${guest}`,
    text: 'Of a guest that ran since the last one, also while no window is open. Those you take yourself are never removed.',
    every: 'How often',
    rhythms: { never: 'Never', hour: 'Hourly', sixHours: '6 hours', day: 'Daily', week: 'Weekly' },
    count: 'How many are kept',
    memory: 'With memory where that is possible',
    keep: 'Cancel',
    yes: 'Save',
  },
  suspend: {
    command: 'Suspend to disk',
    whyContainer: 'a container has no memory of its own to keep',
    whyNot: 'not running',
    note: (ago: string): string =>
      `Suspended ${ago}: its memory is kept on the disk. Start goes on there; stopping gives it up.`,
    giveUp: 'Give the memory up',
    ask: (guest: string): string => `Give up the memory of ${guest}?`,
    askText: 'What its programs had in memory and not yet on the disk is lost, as after a loss of power.',
    keep: 'Keep it',
    yes: 'Give it up',
  },
  offline: 'not connected',
};
