/** `-e NAME=VALUE`, `-l NAME=VALUE` and the files that hold many of them. */
import { readFileSync } from 'node:fs';
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import { misused, quoted } from '../args.ts';

type Host = Readonly<Record<string, string | undefined>>;
type Variables = Record<string, string>;

/** `NAME=VALUE`; `NAME` alone takes its value from our own environment, and is left out where that has none. */
export function variables(words: readonly string[], host: Host = process.env, option = '-e'): Variables {
  const found: Variables = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    if (name === '' || /\s/.test(name))
      throw misused(`${option} needs NAME=VALUE, not ${quoted(word)}.`, 'Write e.g. -e LANG=C.UTF-8.');
    const value = at < 0 ? host[name] : word.slice(at + 1);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Like `variables`, but a name alone has an empty value. */
export function pairs(words: readonly string[], option: string): Variables {
  const found: Variables = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    if (name === '') throw misused(`${option} needs NAME=VALUE, not ${quoted(word)}.`);
    found[name] = at < 0 ? '' : word.slice(at + 1);
  }
  return found;
}

/** Docker's env file: one `NAME=VALUE` or `NAME` a line, values word for word (no quotes), `#` begins a comment line. */
export function parseEnvFile(text: string, name: string, host: Host = process.env): Variables {
  const found: Variables = {};
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .forEach((raw, index) => {
      const line = raw.trimStart();
      if (line === '' || line.startsWith('#')) return;
      const key = line.split('=', 1)[0] as string;
      if (key === '' || /\s/.test(key.trimEnd()) || key !== key.trimEnd())
        throw misused(`Line ${index + 1} of ${name} is not NAME=VALUE.`, 'A name has no blanks in it or after it.');
      Object.assign(found, variables([line], host));
    });
  return found;
}

export function readEnvFile(path: string, option = '--env-file'): Variables {
  return parseEnvFile(readText(path, option), path);
}

/** Larger than any of these files a person writes (bytes). */
const MAX_FILE_BYTES = 4 * 2 ** 20;

/** A small file of the host. Throws `not-found`, `denied` or `invalid` naming the option. */
export function readText(path: string, option: string): string {
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new GuesthouseError({
      code: code === 'EACCES' ? 'denied' : code === 'ENOENT' ? 'not-found' : 'invalid',
      message: `${option}: the file ${path} cannot be read.`,
      subject: path,
      cause: message,
    });
  }
  if (text.length > MAX_FILE_BYTES) throw misused(`${option}: the file ${path} is larger than 4 MiB.`);
  return text.toString('utf8');
}
