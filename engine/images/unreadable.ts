/** What is said of an image whose record cannot be read: to whom wants to use it, and by the doctor. */
import { GuesthouseError } from '../contract/errors.ts';
import type { Finding } from '../contract/host.ts';
import type { UnreadableRecord } from './records.ts';

const SHOWN_DIGITS = 12;

export function unreadableImage({ hex, reason }: UnreadableRecord): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The image ${hex.slice(0, SHOWN_DIGITS)} cannot be used: ${reason}.`,
    subject: `sha256:${hex}`,
    hint: 'Run `guesthouse doctor`: it says what can be done.',
  });
}

export function unreadableFinding({ hex, reason }: UnreadableRecord): Finding {
  return {
    id: 'image',
    level: 'problem',
    title: `Image ${hex.slice(0, SHOWN_DIGITS)}`,
    found: `It cannot be used: ${reason}. Nothing of it was removed, nor any layer of any image since.`,
    fix: `Make the same image again, restore images/images/${hex}/image.json from a copy, or move that folder away.`,
  };
}
