/** A text as keys pressed on a US keyboard, which is what a machine's firmware and installers expect. Pure. */

export interface Keystroke {
  readonly keysym: number;
  /** `KeyboardEvent.code` of the key, or null: the keysym must do. */
  readonly code: string | null;
  readonly shift: boolean;
}

const PLAIN: Record<string, string> = {
  '`': 'Backquote',
  '-': 'Minus',
  '=': 'Equal',
  '[': 'BracketLeft',
  ']': 'BracketRight',
  '\\': 'Backslash',
  ';': 'Semicolon',
  "'": 'Quote',
  ',': 'Comma',
  '.': 'Period',
  '/': 'Slash',
  ' ': 'Space',
};
const SHIFTED: Record<string, string> = {
  '~': 'Backquote',
  _: 'Minus',
  '+': 'Equal',
  '{': 'BracketLeft',
  '}': 'BracketRight',
  '|': 'Backslash',
  ':': 'Semicolon',
  '"': 'Quote',
  '<': 'Comma',
  '>': 'Period',
  '?': 'Slash',
  '!': 'Digit1',
  '@': 'Digit2',
  '#': 'Digit3',
  $: 'Digit4',
  '%': 'Digit5',
  '^': 'Digit6',
  '&': 'Digit7',
  '*': 'Digit8',
  '(': 'Digit9',
  ')': 'Digit0',
};

export const KEYSYM = {
  Tab: 0xff09,
  Return: 0xff0d,
  Escape: 0xff1b,
  Backspace: 0xff08,
  Delete: 0xffff,
  Print: 0xff61,
  F1: 0xffbe,
  ShiftL: 0xffe1,
  ControlL: 0xffe3,
  AltL: 0xffe9,
  SuperL: 0xffeb,
} as const;

/** Keysym of a character: Latin-1 as it is, others by their code point (X protocol, appendix A). */
const keysymOf = (point: number): number => (point < 0x100 ? point : 0x0100_0000 + point);

function strokeOf(character: string): Keystroke {
  const keysym = keysymOf(character.codePointAt(0) as number);
  if (/[a-z]/.test(character)) return { keysym, code: `Key${character.toUpperCase()}`, shift: false };
  if (/[A-Z]/.test(character)) return { keysym, code: `Key${character}`, shift: true };
  if (/[0-9]/.test(character)) return { keysym, code: `Digit${character}`, shift: false };
  const plain = PLAIN[character];
  if (plain) return { keysym, code: plain, shift: false };
  const shifted = SHIFTED[character];
  return { keysym, code: shifted ?? null, shift: shifted !== undefined };
}

export function keystrokesOf(text: string): Keystroke[] {
  const strokes: Keystroke[] = [];
  for (const character of text.replace(/\r\n?/g, '\n')) {
    if (character === '\n') strokes.push({ keysym: KEYSYM.Return, code: 'Enter', shift: false });
    else if (character === '\t') strokes.push({ keysym: KEYSYM.Tab, code: 'Tab', shift: false });
    else if (character >= ' ' && character !== '\x7f') strokes.push(strokeOf(character));
  }
  return strokes;
}

/** Keys held together, as sent: pressed in this order, released in the other. */
export interface Chord {
  readonly label: string;
  readonly keys: readonly { readonly keysym: number; readonly code: string }[];
}

const CONTROL = { keysym: KEYSYM.ControlL, code: 'ControlLeft' };
const ALT = { keysym: KEYSYM.AltL, code: 'AltLeft' };
const SHIFT = { keysym: KEYSYM.ShiftL, code: 'ShiftLeft' };
const functionKey = (n: number) => ({ keysym: KEYSYM.F1 + n - 1, code: `F${n}` });

/** Combinations that the host's system or browser keeps to itself. */
export const CHORDS: readonly Chord[] = [
  ...[1, 2, 3, 7].map((n) => ({ label: `Ctrl+Alt+F${n}`, keys: [CONTROL, ALT, functionKey(n)] })),
  { label: 'Ctrl+Alt+Backspace', keys: [CONTROL, ALT, { keysym: KEYSYM.Backspace, code: 'Backspace' }] },
  { label: 'Ctrl+Shift+Esc', keys: [CONTROL, SHIFT, { keysym: KEYSYM.Escape, code: 'Escape' }] },
  { label: 'Alt+Tab', keys: [ALT, { keysym: KEYSYM.Tab, code: 'Tab' }] },
  { label: 'Alt+F4', keys: [ALT, functionKey(4)] },
  { label: 'F6', keys: [functionKey(6)] },
  { label: 'F11', keys: [functionKey(11)] },
  { label: 'Print Screen', keys: [{ keysym: KEYSYM.Print, code: 'PrintScreen' }] },
];

/** Keys that can be held by a click. */
export const HELD = [
  { label: 'Ctrl', ...CONTROL },
  { label: 'Alt', ...ALT },
  { label: 'Super', keysym: KEYSYM.SuperL, code: 'MetaLeft' },
] as const;
