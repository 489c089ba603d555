/** Removed guests that can still be had back: what the trash holds, undoing a removal, emptying it. */
import { nameInTrash, type Trash, type TrashedGuest, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { prompting } from './prompting.svelte.ts';
import { toasts } from './toasts.svelte.ts';

class TrashState {
  /** null: not known yet. */
  now = $state.raw<Trash | null>(null);
  /** What this window removed last. */
  #last = $state.raw<readonly TrashedGuest[]>([]);
  /** The notice that offers to undo it. */
  #offer: number | null = null;

  /** Answers null when the engine does not say. */
  async refresh(): Promise<Trash | null> {
    try {
      this.now = await engine.call('trash.list', {});
      return this.now;
    } catch {
      return null;
    }
  }

  async keep(days: number): Promise<void> {
    this.now = await engine.call('trash.keep', { days });
  }

  /** After a removal: those that can be had back are told with a way to do it. False: there are none. */
  async offerUndo(ids: readonly string[]): Promise<boolean> {
    const trash = await this.refresh();
    const kept = (trash?.guests ?? []).filter(({ id }) => ids.includes(id));
    if (kept.length === 0) return false;
    this.#last = kept;
    this.#offer = toasts.show(m.trash.removed(kept.map(({ name }) => name)), {
      label: m.trash.undo,
      run: () => void this.putBack(kept),
    });
    return true;
  }

  /** Those of the last removal that are still there to be had back. */
  get undoable(): readonly TrashedGuest[] {
    return this.#last.filter(({ id }) => this.now?.guests.some((guest) => guest.id === id));
  }

  async putBack(guests: readonly TrashedGuest[]): Promise<void> {
    const back: string[] = [];
    for (const { id, name } of guests) {
      try {
        await engine.call('trash.restore', { guest: id });
        back.push(name);
      } catch (thrown) {
        const error = toErrorShape(thrown);
        if (error.code === 'conflict') askName(id, name);
        else toasts.show(error.message);
      }
    }
    if (back.length > 0) toasts.show(m.trash.back(back));
    await this.refresh();
    // An offer to undo what is undone, by whatever way, would be a lie.
    if (this.#offer !== null && this.undoable.length === 0) toasts.dismiss(this.#offer);
  }
}

function askName(id: string, name: string): void {
  const text = m.trash.rename;
  prompting.ask({
    title: text.title(name),
    text: text.text,
    fields: [{ kind: 'text', key: 'name', label: text.name, value: `${name}-2` }],
    keep: text.keep,
    yes: text.yes,
    run: async ({ name: wanted = '' }) => {
      await engine.call('trash.restore', { guest: id, name: wanted.trim() });
      await trash.refresh();
    },
  });
}

export const trash = new TrashState();

const offline = () => (engine.link === 'open' ? null : m.guests.offline);

export function putBackCommand(guest: TrashedGuest): Command {
  return command({
    id: 'trash.restore',
    title: m.trash.putBack(guest.name),
    label: m.trash.putBackLabel,
    icon: 'restart',
    why: offline(),
    words: 'undo restore trash deleted removed',
    run: () => trash.putBack([guest]),
  });
}

/** null: nothing was removed here, or nothing of it can be had back. */
export function undoCommand(): Command | null {
  const guests = trash.undoable;
  if (guests.length === 0) return null;
  return command({
    id: 'trash.undo',
    title: m.trash.undoRemoval(guests.map(({ name }) => name)),
    icon: 'restart',
    keys: 'Ctrl Z',
    why: offline(),
    run: () => trash.putBack(guests),
  });
}

/** What it would free is asked when it is needed: it takes a look at the disk. `then`: to be done when it is empty. */
export function emptyTrashCommand(
  guests: readonly TrashedGuest[],
  freed: () => number | Promise<number>,
  then: () => unknown = () => {},
): Command {
  const text = m.trash.ask;
  return command({
    id: 'trash.empty',
    title: m.trash.empty,
    icon: 'trash',
    danger: true,
    why: offline(),
    run: async () => {
      const bytes = await freed();
      asking.ask({
        title: text.title(guests.length),
        text: text.text(m.format.list(guests.map(({ name }) => name)), m.format.bytes(bytes)),
        keep: text.keep,
        yes: text.yes,
        run: async () => {
          try {
            await engine.call('trash.empty', { guests: guests.map(({ id }) => id) });
          } catch (thrown) {
            toasts.show(toErrorShape(thrown).message);
          }
          await trash.refresh();
          await then();
        },
      });
    },
  });
}

/** As the engine measures it now; 0 where it does not say. */
export async function trashBytes(): Promise<number> {
  const use = await engine.call('host.diskUse', {}).catch(() => null);
  return (use?.trash ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Those that use something, as they are shown. */
export const shownUsers = (names: readonly string[]): string[] =>
  names.map((name) => {
    const trashed = nameInTrash(name);
    return trashed === null ? name : m.trash.user(trashed);
  });
