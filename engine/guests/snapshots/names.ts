/** Names of snapshots: whatever a person calls them, on one line, and none twice. */
import { GuesthouseError } from '../../contract/errors.ts';

const MAX_CHARACTERS = 80;
const ID = /^[0-9a-f]{12}$/;
/** Controls, line ends of Unicode's, and what turns the direction of text: a name must not rewrite the sentence it is in. */
const UNSHOWN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** null: it can be taken. */
export function problemOfName(name: string, taken: readonly { readonly name: string }[]): GuesthouseError | null {
  const invalid = (cause: string) =>
    new GuesthouseError({ code: 'invalid', message: 'The snapshot cannot be called so.', subject: 'name', cause });
  if (name.trim() !== name || name === '') return invalid('Its name is empty, or begins or ends with a space.');
  if (name.length > MAX_CHARACTERS) return invalid(`It has more than ${MAX_CHARACTERS} characters.`);
  if (UNSHOWN.test(name)) return invalid('It has characters that cannot be shown, or that turn the text around them.');
  if (ID.test(name)) return invalid('It looks like the id of one.');
  if (!taken.some((one) => one.name === name)) return null;
  return new GuesthouseError({
    code: 'conflict',
    message: `There is a snapshot named ${JSON.stringify(name)} already.`,
    subject: 'name',
    hint: 'Choose another name, or remove that one first.',
  });
}

/** Its time, as in `2026-01-31 12:05:07`; with a number after it when there are several of one second. */
export function freeName(taken: readonly { readonly name: string }[], at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString();
  const name = local.slice(0, 19).replace('T', ' ');
  const isTaken = (wish: string) => taken.some((one) => one.name === wish);
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) if (!isTaken(`${name} (${number})`)) return `${name} (${number})`;
}
