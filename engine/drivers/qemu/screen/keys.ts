/** Keys by name, as QEMU knows them (QKeyCode in QAPI's ui.json), and texts as the keys of a US keyboard. */
import { GuesthouseError } from '../../../contract/errors.ts';

/** Names people use, where QEMU has another. */
const ALIASES: Readonly<Record<string, string>> = {
  enter: 'ret',
  return: 'ret',
  escape: 'esc',
  del: 'delete',
  ins: 'insert',
  control: 'ctrl',
  super: 'meta_l',
  meta: 'meta_l',
  win: 'meta_l',
  space: 'spc',
  pageup: 'pgup',
  pagedown: 'pgdn',
  sysrq: 'sysrq',
  printscreen: 'print',
};

const NAMED = new Set(
  (
    'shift shift_r alt alt_r ctrl ctrl_r meta_l meta_r menu esc minus equal backspace tab bracket_left bracket_right ' +
    'ret semicolon apostrophe grave_accent backslash comma dot slash asterisk spc caps_lock num_lock scroll_lock ' +
    'kp_divide kp_multiply kp_subtract kp_add kp_enter kp_decimal sysrq print pause home pgup pgdn end left up down ' +
    'right insert delete less volumeup volumedown audiomute power sleep wake'
  ).split(' '),
);
/** More at once than a hand can press. */
const MOST_AT_ONCE = 8;

/** `ctrl-alt-delete`, `f12`, `a` as the key codes pressed together. Throws `invalid` naming the key. */
export function chordOf(words: string): readonly string[] {
  const parts = words.toLowerCase().split('-');
  if (parts.length > MOST_AT_ONCE) throw unknownKey(words);
  return parts.map((part) => {
    const name = ALIASES[part] ?? part;
    if (NAMED.has(name) || /^([a-z0-9]|f([1-9]|1[0-2])|kp_[0-9])$/.test(name)) return name;
    throw unknownKey(words);
  });
}

const PLAIN: Readonly<Record<string, string>> = {
  ' ': 'spc',
  '\n': 'ret',
  '\t': 'tab',
  '-': 'minus',
  '=': 'equal',
  '[': 'bracket_left',
  ']': 'bracket_right',
  ';': 'semicolon',
  "'": 'apostrophe',
  '`': 'grave_accent',
  '\\': 'backslash',
  ',': 'comma',
  '.': 'dot',
  '/': 'slash',
};
/** What shift makes of a key. */
const SHIFTED: Readonly<Record<string, string>> = Object.fromEntries(
  [...'!1@2#3$4%5^6&7*8(9)0_-+={[}]:;"\'~`|\\<,>.?/'.matchAll(/(.)(.)/g)].map(([, above, below]) => [above, below]),
);

/** The keys that type a text, one after the other. Throws `invalid` naming a character that has no key. */
export function typed(text: string): readonly (readonly string[])[] {
  return [...text.replaceAll('\r\n', '\n')].map((character) => {
    const below = SHIFTED[character] ?? (/^[A-Z]$/.test(character) ? character.toLowerCase() : null);
    const key = PLAIN[below ?? character] ?? (/^[a-z0-9]$/.test(below ?? character) ? (below ?? character) : null);
    if (key !== null) return below === null ? [key] : ['shift', key];
    throw new GuesthouseError({
      code: 'invalid',
      message: `There is no key for ${JSON.stringify(character)} on a US keyboard.`,
      subject: 'text',
      hint: 'Give plain ASCII text, or paste it inside the guest.',
    });
  });
}

function unknownKey(words: string): GuesthouseError {
  return new GuesthouseError({
    code: 'invalid',
    message: `${JSON.stringify(words.slice(0, 60))} is not a key.`,
    subject: 'keys',
    hint: 'Join the names of keys pressed together by `-`: ctrl-alt-delete, alt-f4, shift-a, ret, esc, up.',
  });
}
