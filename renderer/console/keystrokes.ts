/** A text as keys pressed on the keyboard a machine has, and combinations of keys. Pure. */
import { type KeyboardLayout, type KeyPress, keysOf } from '../../engine/contract/index.ts';

export interface Keystroke extends KeyPress {
  readonly keysym: number;
}

/** But line ends and tabs: no key types them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL_CHARACTERS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

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
  /** What xkb names ISO_Level3_Shift. */
  AltGr: 0xfe03,
  SuperL: 0xffeb,
} as const;

const NAMED: Readonly<Record<string, number>> = { Enter: KEYSYM.Return, Tab: KEYSYM.Tab };
const LATIN = /^(?:Key([A-Z])|Digit([0-9]))$/;

/** QEMU goes by the key; of letters it looks whether the keysym is a capital one, to tell whether Caps Lock is on. */
function keysymOf({ code, shift }: KeyPress): number {
  const [, letter, digit] = LATIN.exec(code) ?? [];
  const character = letter === undefined ? (digit ?? ' ') : shift ? letter : letter.toLowerCase();
  return NAMED[code] ?? (character.codePointAt(0) as number);
}

/** A text as keys pressed one after the other; `missing`: characters that have no key, and are in none of them. */
export function keystrokesOf(
  text: string,
  layout: KeyboardLayout,
): { readonly strokes: readonly Keystroke[]; readonly missing: readonly string[] } {
  const plain = text.replace(CONTROL_CHARACTERS, '');
  const { presses, missing } = keysOf(plain, layout);
  return { strokes: presses.map((press) => ({ ...press, keysym: keysymOf(press) })), missing };
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
