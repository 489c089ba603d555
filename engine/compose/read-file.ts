/**
 * A project of a file somebody chose in a window, who may not have written it: what it reads stays in its own folder, and
 * its variables come from the `.env` there, not from the engine's environment, which may hold secrets.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import type { ComposeWish } from '../contract/compose.ts';
import { GuesthouseError } from '../contract/errors.ts';
import { readSmallFile } from '../host/small-file.ts';
import { misused } from '../notation/misuse.ts';
import { parseDotenv } from './dotenv.ts';
import { type Project, readProject } from './project.ts';

const MAX_BYTES = 1024 * 1024;
const NONE = () => undefined;

/** Throws `not-found`, `denied`, and `invalid` or `unsupported` naming the line. */
export function readWish({ file, project }: ComposeWish): Project {
  const name = project ?? null;
  if ('text' in file)
    return readProject({
      text: file.text,
      fileName: file.name,
      folder: null,
      name,
      variable: NONE,
      readFile: elsewhere,
      isThere: existsSync,
    });
  if (!isAbsolute(file.path)) throw misused('The path of a compose file is absolute.', 'Choose the file anew.');
  const folder = dirname(file.path);
  const text = readSmallFile(file.path, MAX_BYTES);
  const dotenv = readDotenv(join(folder, '.env'));
  return readProject({
    text,
    fileName: basename(file.path),
    folder,
    name: name ?? dotenv.COMPOSE_PROJECT_NAME ?? null,
    variable: (key) => (Object.hasOwn(dotenv, key) ? dotenv[key] : undefined),
    readFile: (path) => readWithin(folder, path),
    isThere: existsSync,
  });
}

/** null: it is not there. Throws `invalid` for what lies elsewhere, also through a link. */
function readWithin(folder: string, path: string): string | null {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return null;
  }
  const root = realpathSync(folder);
  if (!real.startsWith(root === sep ? sep : root + sep)) return elsewhere(path);
  return readSmallFile(real, MAX_BYTES);
}

function elsewhere(path: string): never {
  throw misused(
    `The file ${path} is not in the folder of the compose file, and nothing else is read here.`,
    'Put it beside the compose file, or run that with `guesthouse compose`.',
  );
}

function readDotenv(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  try {
    return parseDotenv(readSmallFile(path, MAX_BYTES), NONE);
  } catch (error) {
    if (error instanceof GuesthouseError) throw error;
    throw misused(`.env: ${(error as Error).message}`, 'Write NAME=VALUE, one in a line.');
  }
}
