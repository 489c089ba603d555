/** The command line as plain values. node:util does the splitting; errors are ours. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { GuesthouseError } from '../../engine/contract/errors.ts';
import { parseArgs } from '../../engine/host/lean.ts';
import { misused, quoted } from '../../engine/notation/misuse.ts';

export { misused, quoted, whole } from '../../engine/notation/misuse.ts';

/** Splits at the first `--`: options and names before it, a guest's command after it. Throws `invalid`. */
export function parse<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const command = end < 0 ? null : args.slice(end + 1);
  try {
    const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals: true, strict: true });
    return { values, names: positionals, command };
  } catch (error) {
    throw misread((error as Error).message);
  }
}

/** What `node:util` says, in our words where it speaks of itself. */
function misread(said: string): GuesthouseError {
  const option = /^Option '(?:-\w, )?(--?[\w-]+)[^']*' argument is ambiguous/.exec(said)?.[1];
  if (option !== undefined)
    return misused(`${option} needs a value, and what follows it looks like another option.`, `Write ${option}=VALUE.`);
  return misused(said.split(/\n|\. To specify/)[0] ?? 'The command line was not understood.');
}

/**
 * As `docker run` is written: options, one name, and whatever follows it is the guest's command word for word. A `--`
 * between them is allowed, with options before it. Throws `invalid`.
 */
export function parseLeading<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const first = tokens.find((token) => token.kind === 'positional' || token.kind === 'option-terminator');
  if (first === undefined || first.kind === 'option-terminator') return parse(args, options);
  const rest = args.slice(first.index + 1);
  // `exec NAME -t -- CMD`: nothing but options stands between the name and the `--`.
  if (rest[0]?.startsWith('-') && rest.includes('--')) return parse(args, options);
  const command = rest[0] === '--' ? rest.slice(1) : rest;
  const before = parse(args.slice(0, first.index + 1), options);
  return { ...before, command: rest.length === 0 ? null : command };
}

/** A decimal number. Throws `invalid` naming the option. */
export function number(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) throw misused(`${option} needs a number, not ${quoted(text)}.`);
  return Number(text);
}

export function oneName(names: readonly string[], command: string): string {
  const [name, extra] = names;
  if (name === undefined)
    throw misused(`\`${command}\` needs the name of a guest.`, `See \`guesthouse help ${command}\`.`);
  if (extra !== undefined) throw misused(`\`${command}\` takes one name, not also ${quoted(extra)}.`);
  return name;
}

/** Exactly so many names, called `what` in the error. */
export function exactly(names: readonly string[], count: number, command: string, what: string): readonly string[] {
  if (names.length !== count)
    throw misused(`\`${command}\` needs ${what}.`, `See \`guesthouse help ${command.split(' ')[0]}\`.`);
  return names;
}
