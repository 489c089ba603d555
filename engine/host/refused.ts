/** What Guesthouse keeps, and may not read or write: told as what it is, however deep it was met. */
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';

const REFUSALS = ['EACCES', 'EPERM', 'EROFS'];

/** Why a file or folder was refused, and what to do: the last two parts of an error. `code`: Node's. */
function whyRefused(path: string, code: string | undefined): { cause: string; hint: string } {
  if (code === 'EROFS') {
    return {
      cause: `The file system that holds ${path} is mounted read-only.`,
      hint: 'Mount it for writing, or set GUESTHOUSE_HOME to another folder.',
    };
  }
  return {
    cause: `User ${process.getuid?.() ?? 0} has no permission for ${path}.`,
    hint: `\`ls -ld ${dirname(path)}\` shows whose it is. Have it given to you (chown), or set GUESTHOUSE_HOME to a folder of your own.`,
  };
}

/** Why nothing can be made in the folder that is to hold `path`; null: it can. */
function refusalAbove(path: string): string | undefined {
  try {
    accessSync(dirname(path), constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/**
 * Turns a refusal below `home` into `denied`; anything else, also one told as that already, passes unchanged.
 * `doing`: `starting web`.
 */
export function explainRefusal(thrown: unknown, home: string, doing: string): unknown {
  const { code: told, syscall, path, dest } = (thrown ?? {}) as NodeJS.ErrnoException & { dest?: string };
  // Node's mkdir of a whole path says so of a file system that is read-only.
  const code = told === 'ENOENT' && syscall === 'mkdir' && path ? refusalAbove(path) : told;
  const refused = [path, dest].find((one) => one === home || one?.startsWith(`${home}/`));
  if (thrown instanceof GuesthouseError || refused === undefined || !REFUSALS.includes(code ?? '')) return thrown;
  return new GuesthouseError({
    code: 'denied',
    message: `Access was refused while ${doing}.`,
    subject: refused,
    ...whyRefused(refused, code),
  });
}
