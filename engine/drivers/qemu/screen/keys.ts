/** Keys by name, as QEMU knows them (QKeyCode in QAPI's ui.json), and texts as the keys of the guest's keyboard. */
import { GuesthouseError } from '../../../contract/errors.ts';
import { type KeyboardLayout, keysOf } from '../../../contract/keyboard.ts';

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
/** Characters named in an error. */
const MOST_NAMED = 8;
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

/** QEMU's names of the keys whose `KeyboardEvent.code` does not end in it. */
const QCODES: Readonly<Record<string, string>> = {
  Space: 'spc',
  Enter: 'ret',
  Tab: 'tab',
  Backquote: 'grave_accent',
  Minus: 'minus',
  Equal: 'equal',
  BracketLeft: 'bracket_left',
  BracketRight: 'bracket_right',
  Semicolon: 'semicolon',
  Quote: 'apostrophe',
  Backslash: 'backslash',
  IntlBackslash: 'less',
  IntlRo: 'ro',
  Comma: 'comma',
  Period: 'dot',
  Slash: 'slash',
};

/** The keys that type a text, one after the other. Throws `invalid` naming the characters that have no key. */
export function typed(text: string, layout: KeyboardLayout): readonly (readonly string[])[] {
  const { presses, missing } = keysOf(text, layout);
  if (missing.length > 0) {
    const shown = missing.slice(0, MOST_NAMED).map((character) => JSON.stringify(character));
    throw new GuesthouseError({
      code: 'invalid',
      message: `Nothing was typed: the keyboard ${layout} has no key for ${shown.join(', ')}${missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : ''}.`,
      subject: 'text',
      hint: 'Say which keyboard its system has set (`guesthouse update --keyboard LAYOUT NAME`), or paste it inside the guest.',
    });
  }
  return presses.map(({ code, shift, altGr }) => [
    ...(shift ? ['shift'] : []),
    ...(altGr ? ['alt_r'] : []),
    QCODES[code] ?? code.slice(-1).toLowerCase(),
  ]);
}

function unknownKey(words: string): GuesthouseError {
  return new GuesthouseError({
    code: 'invalid',
    message: `${JSON.stringify(words.slice(0, 60))} is not a key.`,
    subject: 'keys',
    hint: 'Join the names of keys pressed together by `-`: ctrl-alt-delete, alt-f4, shift-a, ret, esc, up.',
  });
}
