/** What is written wrongly, said in one way; and the readers every notation needs. Pure. */
import { GuesthouseError } from '../contract/errors.ts';

/** An error of code `invalid`. */
export function misused(message: string, hint = 'See `guesthouse help` for how it is written.'): GuesthouseError {
  return new GuesthouseError({ code: 'invalid', message, hint });
}

/** Somebody else's text inside a message of ours. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** A whole number of at least `least`. Throws `invalid` naming the option. */
export function whole(text: string, option: string, least = 0): number {
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) throw misused(`${option} needs a whole number of at least ${least}, not ${quoted(text)}.`);
  return value;
}
