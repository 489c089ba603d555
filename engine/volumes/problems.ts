/** What can be wrong with a volume, in words. */
import { GuesthouseError } from '../contract/errors.ts';
import type { Finding } from '../contract/host.ts';
import { freeing } from '../contract/trash.ts';
import type { UnreadableVolume } from './records.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/;

export function isVolumeName(name: string): boolean {
  return NAME.test(name);
}

/** null for a name that may be given. */
export function nameProblem(name: string): GuesthouseError | null {
  if (isVolumeName(name)) return null;
  return new GuesthouseError({
    code: 'invalid',
    message: name === '' ? 'A volume needs a name.' : `${shown(name)} cannot be the name of a volume.`,
    subject: 'name',
    hint: 'Use 1 to 63 letters, digits, `.`, `_` or `-`, starting with a letter or digit.',
  });
}

export function unknownVolume(ref: string): GuesthouseError {
  return new GuesthouseError({
    code: 'not-found',
    message: `There is no volume named ${shown(ref)}.`,
    subject: ref.slice(0, 80),
    hint: 'See `guesthouse volume ls` for the volumes there are.',
  });
}

export function volumeInUse(name: string, usedBy: readonly string[]): GuesthouseError {
  return new GuesthouseError({
    code: 'conflict',
    message: `The volume ${name} is used by ${usedBy.join(', ')}.`,
    subject: name,
    hint: freeing(usedBy),
  });
}

export function unreadableFinding({ id, reason }: UnreadableVolume): Finding {
  return {
    id: 'volume',
    level: 'problem',
    title: `Volume ${id}`,
    found: `It cannot be used: ${reason}. Nothing of it was removed.`,
    fix: `Restore volumes/${id}/volume.json from a copy, or move that folder away.`,
  };
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
