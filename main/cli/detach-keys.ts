/** Keys that leave a console without ending what runs in it, written as docker does: `ctrl-p,ctrl-q`. Pure. */
import { misused, quoted } from './args.ts';

/** Ctrl-], as in telnet and virsh. */
export const LEAVE_KEYS: Uint8Array = Uint8Array.of(0x1d);

const KEY = /^(?:ctrl-([a-z@[\\\]^_])|([\x20-\x7e]))$/;

/** Comma-separated keys: `ctrl-` and one of a-z @ [ \\ ] ^ _, or one character. Throws `invalid`. */
export function detachKeys(text: string): Uint8Array {
  const keys = text.split(',').map((word) => {
    const [, control, plain] = KEY.exec(word) ?? [];
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
    if (plain !== undefined) return plain.charCodeAt(0);
    throw misused(`--detach-keys knows no key ${quoted(word)}.`, 'Write e.g. ctrl-p,ctrl-q or ctrl-].');
  });
  return Uint8Array.from(keys);
}

/** Finds the keys in what is typed, however it is cut. What may be their beginning is held back until the next key. */
export function createDetach(keys: Uint8Array): (typed: Uint8Array) => { pass: Uint8Array; left: boolean } {
  const held: number[] = [];
  const begins = (from: readonly number[]) => from.every((key, at) => key === keys[at]);
  return (typed) => {
    const pass: number[] = [];
    for (const key of typed) {
      held.push(key);
      while (!begins(held)) pass.push(held.shift() as number);
      if (held.length === keys.length) return { pass: Uint8Array.from(pass), left: true };
    }
    return { pass: Uint8Array.from(pass), left: false };
  };
}
