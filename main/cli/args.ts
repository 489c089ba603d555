/** The command line as plain values. node:util does the splitting; errors are ours. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { GuesthouseError } from '../../engine/contract/errors.ts';

/** Splits at the first `--`: options and names before it, a guest's command after it. Throws `invalid`. */
export function parse<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const command = end < 0 ? null : args.slice(end + 1);
  try {
    const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals: true, strict: true });
    return { values, names: positionals, command };
  } catch (error) {
    throw misused((error as Error).message.split(/\n|\. To specify/)[0] ?? 'The command line was not understood.');
  }
}

export function misused(message: string, hint = 'See `guesthouse help` for how it is written.'): GuesthouseError {
  return new GuesthouseError({ code: 'invalid', message, hint });
}

/** A decimal number. Throws `invalid` naming the option. */
export function number(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) throw misused(`${option} needs a number, not ${JSON.stringify(text.slice(0, 40))}.`);
  return Number(text);
}

export function oneName(names: readonly string[], command: string): string {
  const [name, extra] = names;
  if (name === undefined)
    throw misused(`\`${command}\` needs the name of a guest.`, `See \`guesthouse help ${command}\`.`);
  if (extra !== undefined)
    throw misused(`\`${command}\` takes one name, not also ${JSON.stringify(extra.slice(0, 40))}.`);
  return name;
}
