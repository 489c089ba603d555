/** A command is one object, used by button, menu, palette and keyboard alike. */
import { m } from '../messages.ts';
import type { IconName } from '../ui/icons.ts';

export interface Command {
  /** `guest.start`, `window.palette`: the same for every object of its kind. */
  readonly id: string;
  /** With its object, as the palette shows it: `Start web`. */
  readonly title: string;
  /** Without it, for a menu that belongs to the object: `Start`. */
  readonly label: string;
  readonly icon: IconName;
  /** `Alt S`, `Ctrl K`, `Del`; empty without a shortcut. */
  readonly keys: string;
  readonly danger: boolean;
  /** null: possible now. Else why not, in a few words. */
  readonly why: string | null;
  /** Words beside the title that find it in the palette. */
  readonly words: string;
  run(): void | Promise<void>;
}

type Given = Pick<Command, 'id' | 'title' | 'icon' | 'run'> & Partial<Command>;

export function command(given: Given): Command {
  const words = `${given.words ?? ''} ${m.frame.further(given.id)}`;
  return { label: given.title, keys: '', danger: false, why: null, ...given, words };
}

/** Runs it unless it cannot be run now. */
export function runCommand(it: Command | undefined): boolean {
  if (!it || it.why !== null) return false;
  void it.run();
  return true;
}
