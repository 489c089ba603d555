/** Everything that can be done to the snapshots of a guest, and suspending it. */
import {
  type Guest,
  type Snapshot,
  type SnapshotSchedule,
  type SnapshotTree,
  toErrorShape,
} from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { sentences } from '../messages/sentences.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { type PromptField, prompting } from './prompting.svelte.ts';
import { route } from './route.svelte.ts';
import { storeTrouble } from './store-trouble.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { isBusy, isLive } from './verbs.ts';

const text = m.snapshots;
const DEFAULT_KEEP = '7';
/** The engine takes no more. */
const MOST_KEPT = 1000;
const HOUR_MS = 3_600_000;
const RHYTHMS_MS = { never: 0, hour: HOUR_MS, sixHours: 6 * HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS } as const;

const whyNot = (guest: Guest) =>
  engine.link !== 'open' ? text.offline : isBusy(guest.state) ? m.guests.why(guest.state) : null;
const during = <T>(work: () => Promise<T>) => storeTrouble.snapshots.during(work);

export function takeSnapshot(guest: Guest, tree: SnapshotTree | null): Command {
  return command({
    id: 'snapshot.take',
    title: text.take,
    icon: 'camera',
    why: whyNot(guest),
    run: () => withTree(guest, tree, (known) => askTake(guest, known)),
  });
}

/** What is not known yet is asked for first. What goes wrong is told in a notice: there may be no page of snapshots. */
async function withTree(guest: Guest, tree: SnapshotTree | null, act: (tree: SnapshotTree) => void): Promise<void> {
  try {
    act(tree ?? (await engine.call('snapshots.list', { guest: guest.id })));
  } catch (thrown) {
    const { message, cause, hint } = toErrorShape(thrown);
    toasts.show(sentences(message, cause, hint));
  }
}

function askTake(guest: Guest, { memoryBytes: bytes, memoryProblem: problem }: SnapshotTree): void {
  const ask = text.takeAsk;
  const memory: PromptField[] =
    bytes === null ? [] : [{ kind: 'check', key: 'memory', label: ask.memory(bytes), value: 'yes' }];
  prompting.ask({
    title: ask.title(guest.name),
    ...(problem !== null && guest.isolation !== 'container' ? { text: ask.noMemory(problem) } : {}),
    fields: [
      { kind: 'text', key: 'name', label: ask.name, placeholder: ask.namePlaceholder, optional: true },
      { kind: 'text', key: 'description', label: ask.description, optional: true },
      ...memory,
    ],
    keep: ask.keep,
    yes: ask.yes,
    run: async (values) => {
      const name = values.name?.trim();
      const description = values.description?.trim();
      const made = await engine.call('snapshots.take', {
        guest: guest.id,
        ...(name ? { name } : {}),
        ...(description ? { description } : {}),
        ...(values.memory === 'yes' ? { memory: true } : {}),
      });
      toasts.show(ask.done(made.name, made.bytes));
    },
  });
}

/** In groups, for the menu of one. */
export function snapshotCommands(guest: Guest, tree: SnapshotTree, snapshot: Snapshot): Command[][] {
  const why = whyNot(guest);
  const act = (id: string, label: string, icon: Command['icon'], run: () => void, danger = false) =>
    command({ id, title: `${label}: ${snapshot.name}`, label, icon, why, danger, run });
  return [
    [act('snapshot.restore', text.restore, 'restart', () => askRestore(guest, tree, snapshot))],
    [
      act('snapshot.branch', text.branch, 'copy', () => askBranch(guest, snapshot)),
      act('snapshot.edit', text.edit, 'edit', () => askEdit(guest, snapshot)),
    ],
    [act('snapshot.remove', text.remove, 'trash', () => askRemove(guest, snapshot), true)],
  ];
}

function askRestore(guest: Guest, tree: SnapshotTree, { id, name, memory }: Snapshot): void {
  const ask = text.restoreAsk;
  const base = tree.snapshots.find((one) => one.id === tree.current)?.name ?? null;
  asking.ask({
    title: ask.title(guest.name, name),
    text: [
      ask.lost(guest.isolation === 'container' ? null : tree.sinceBytes, base),
      isLive(guest.state) ? ask.ends : '',
      memory ? ask.goesOn : ask.stays,
      ask.others,
    ].join(''),
    keep: ask.keep,
    yes: ask.yes(name),
    run: async () => {
      const done = await during(() => engine.call('snapshots.restore', { guest: guest.id, snapshot: id }));
      if (done) toasts.show(ask.done(guest.name, name));
    },
  });
}

function askBranch(guest: Guest, snapshot: Snapshot): void {
  const ask = text.branchAsk;
  prompting.ask({
    title: ask.title(snapshot.name),
    text: ask.text,
    fields: [{ kind: 'text', key: 'name', label: ask.name, value: `${guest.name}-2` }],
    keep: ask.keep,
    yes: ask.yes,
    run: async ({ name = '' }) => {
      const wish = { guest: guest.id, snapshot: snapshot.id, name: name.trim() };
      const made = await engine.call('snapshots.branch', wish);
      toasts.show(ask.done(made.name), { label: m.frame.toast.show, run: () => route.guest(made.id, 'overview') });
    },
  });
}

function askEdit(guest: Guest, { id, name, description }: Snapshot): void {
  const ask = text.editAsk;
  prompting.ask({
    title: ask.title(name),
    fields: [
      { kind: 'text', key: 'name', label: text.takeAsk.name, value: name },
      { kind: 'text', key: 'description', label: text.takeAsk.description, value: description, optional: true },
    ],
    keep: ask.keep,
    yes: ask.yes,
    run: (values) =>
      engine.call('snapshots.change', {
        guest: guest.id,
        snapshot: id,
        name: (values.name ?? '').trim(),
        description: (values.description ?? '').trim(),
      }),
  });
}

function askRemove(guest: Guest, { id, name, memory }: Snapshot): void {
  const ask = text.removeAsk;
  asking.ask({
    title: ask.title(name),
    text: ask.text(guest.name, memory),
    keep: ask.keep(name),
    yes: ask.yes(name),
    run: async () => {
      const done = await during(() => engine.call('snapshots.remove', { guest: guest.id, snapshot: id }));
      if (done) toasts.show(ask.done(name, done.beforeBytes, done.afterBytes));
    },
  });
}

export function scheduleSnapshots(guest: Guest, tree: SnapshotTree | null): Command {
  return command({
    id: 'snapshot.schedule',
    title: text.schedule.edit,
    icon: 'restart',
    why: whyNot(guest),
    run: () => withTree(guest, tree, ({ schedule }) => askSchedule(guest, schedule)),
  });
}

function askSchedule(guest: Guest, schedule: SnapshotSchedule | null): void {
  const ask = text.schedule;
  const { everyMs = 0, keep = Number(DEFAULT_KEEP), memory = false } = schedule ?? {};
  const rhythms = Object.keys(RHYTHMS_MS) as (keyof typeof RHYTHMS_MS)[];
  const offered = rhythms.map((key) => ({ value: String(RHYTHMS_MS[key]), label: ask.rhythms[key] }));
  const isKnown = offered.some(({ value }) => value === String(everyMs));
  const choices = isKnown ? offered : [...offered, { value: String(everyMs), label: m.format.span(everyMs) }];
  prompting.ask({
    title: ask.title(guest.name),
    text: ask.text,
    fields: [
      { kind: 'choice', key: 'every', label: ask.every, value: String(everyMs), options: choices },
      { kind: 'whole', key: 'keep', label: ask.count, value: String(keep), least: 1, most: MOST_KEPT },
      ...(guest.isolation === 'container'
        ? []
        : [{ kind: 'check', key: 'memory', label: ask.memory, value: memory ? 'yes' : '' } as const]),
    ],
    keep: ask.keep,
    yes: ask.yes,
    run: (values) => {
      const every = Number(values.every ?? '0');
      const wish = { everyMs: every, keep: Number(values.keep), memory: values.memory === 'yes' };
      return engine.call('snapshots.schedule', { guest: guest.id, schedule: every === 0 ? null : wish });
    },
  });
}

export function suspendGuest(guest: Guest): Command {
  const why = guest.isolation === 'container' ? text.suspend.whyContainer : whyNot(guest);
  return command({
    id: 'guest.suspend',
    title: `${text.suspend.command}: ${guest.name}`,
    label: text.suspend.command,
    icon: 'pause',
    why: why ?? (isLive(guest.state) ? null : text.suspend.whyNot),
    words: 'hibernate sleep save state',
    run: async () => {
      await storeTrouble.suspending.during(() => engine.call('guests.suspend', { guest: guest.id }));
      const { error } = storeTrouble.suspending;
      if (error) toasts.show(sentences(error.message, error.cause, error.hint));
    },
  });
}

export function giveUpMemory(guest: Guest): Command {
  const ask = text.suspend;
  return command({
    id: 'guest.giveUpMemory',
    title: ask.giveUp,
    icon: 'trash',
    danger: true,
    why: whyNot(guest),
    run: () =>
      asking.ask({
        title: ask.ask(guest.name),
        text: ask.askText,
        keep: ask.keep,
        yes: ask.yes,
        run: async () => void (await engine.call('guests.stop', { guest: guest.id })),
      }),
  });
}
