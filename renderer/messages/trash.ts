/** Words of the trash: removed guests that can still be had back. */
import { count } from './format.ts';
import { words } from './words.ts';

const days = (n: number): string => (n === 1 ? 'a day' : `${count(n)} days`);

export const trash = {
  title: 'Trash',
  text: (n: number, size: string): string => `${words.guests(n)} can still be had back: ${size}`,
  nothing: 'Nothing in it. A deleted guest can be had back from here for a while.',
  off: 'A deleted guest is gone at once.',
  keep: 'Keep deleted guests',
  days: (n: number): string => (n === 0 ? 'not at all' : `for ${days(n)}`),
  gone: 'Kept until',
  short: 'They go earlier when the disk runs short. What they need (image, volumes, networks) stays in use.',
  empty: 'Empty the trash',
  undo: 'Undo',
  undoRemoval: (names: readonly string[]): string =>
    names.length === 1 ? `Undo: put ${names[0]} back` : `Undo: put ${count(names.length)} guests back`,
  putBack: (name: string): string => `Put ${name} back`,
  putBackLabel: 'Put back',
  removed: (names: readonly string[]): string =>
    names.length === 1 ? `${names[0]} is in the trash.` : `${count(names.length)} guests are in the trash.`,
  back: (names: readonly string[]): string =>
    names.length === 1 ? `${names[0]} is back.` : `${count(names.length)} guests are back.`,
  user: (name: string): string => `${name} (in the trash)`,
  ask: {
    title: (n: number): string => (n === 1 ? 'Delete a guest for good?' : `Delete ${words.guests(n)} for good?`),
    text: (names: string, size: string): string => `${names} and what they wrote (${size}) cannot be had back then.`,
    keep: 'Keep them',
    yes: 'Empty the trash',
  },
  rename: {
    title: (name: string): string => `The name ${name} is taken`,
    text: 'Another guest has it by now. Under which name is this one to come back?',
    name: 'Name',
    keep: 'Leave it in the trash',
    yes: 'Put back',
  },
};
