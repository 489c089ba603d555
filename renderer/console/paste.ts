/** What is about to be pasted into a guest, and whether to ask first (decisions/0040). Pure. */

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
  const clean = normal.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
  const removed = normal.length - clean.length;
  const lines = clean === '' ? 0 : clean.replace(/\n$/, '').split('\n').length;
  // One line is run by its person, who sees it first.
  const text = lines === 1 && !bracketed ? clean.replace(/\n$/, '') : clean;
  const ask = text.length > MANY_CHARACTERS || removed > 0 || (!bracketed && lines > 1);
  return { text, lines, removed, ask };
}

const BEGIN = '\u001b[200~';
const END = '\u001b[201~';

/** The text between the marks of a paste, as a terminal hands it to its program; null: it was typed. */
export function pastedIn(typed: string): string | null {
  return typed.startsWith(BEGIN) && typed.endsWith(END) ? typed.slice(BEGIN.length, -END.length) : null;
}

/** What a program gets that is pasted into, as xterm.js does it. */
export function asPasted(text: string, bracketed: boolean): string {
  const lines = text.replaceAll('\n', '\r');
  return bracketed ? BEGIN + lines + END : lines;
}
