/** What is about to be pasted into a guest, and whether to ask first. Pure. */

/** More lines than this are shown before they are run: each is a command to a shell. */
const MANY_LINES = 5;
/** More than this is a file rather than a command (characters). */
const MANY_CHARACTERS = 5000;

export interface Paste {
  /** Line ends are LF, control characters are gone. */
  readonly text: string;
  readonly lines: number;
  /** Characters that were left out because they would act as keys: Escape, Ctrl-C, ... */
  readonly removed: number;
  readonly ask: boolean;
}

/** @param bracketed the program says that it can tell pasted text from typed text, so newlines do not run anything. */
export function preparePaste(given: string, bracketed: boolean): Paste {
  const normal = given.replace(/\r\n?/g, '\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const text = normal.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
  const removed = normal.length - text.length;
  const lines = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
  const ask = text.length > MANY_CHARACTERS || removed > 0 || (!bracketed && lines >= MANY_LINES);
  return { text, lines, removed, ask };
}
