/** Finds and reads the project: the compose file, its `.env`, and our own environment, which goes before it. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseDotenv } from '../../../engine/compose/dotenv.ts';
import { type Project, projectName, readProject } from '../../../engine/compose/project.ts';
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import { misused } from '../args.ts';
import { readText } from '../options/environment.ts';

/** In the order Compose looks for them. */
const FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

/** In the order of `FILES`: laid over it where it is beside it and no file was named. */
const OVERRIDES = FILES.map((name) => name.replace(/\.(ya?ml)$/, '.override.$1'));

export interface Wanted {
  /** The first, and those laid over it; empty: the nearest. */
  readonly files: readonly string[];
  readonly name: string | null;
}

/** The nearest compose file from `from` upwards; null: there is none. */
export function findFile(from: string): string | null {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found) return found;
    if (dirname(folder) === folder) return null;
  }
}

/** The nearest file, and the one that belongs over it. */
function found(from: string): string[] {
  const path = findFile(from);
  if (path === null) return [];
  const over = OVERRIDES.map((name) => join(dirname(path), name)).find((one) => existsSync(one));
  return over === undefined ? [path] : [path, over];
}

export function loadProject({ files, name }: Wanted, environment: NodeJS.ProcessEnv = process.env): Project {
  const [path, ...over] = files.length > 0 ? files.map((file) => resolve(file)) : found(process.cwd());
  if (path === undefined) {
    throw new GuesthouseError({
      code: 'not-found',
      message: 'There is no compose.yaml here or above.',
      subject: process.cwd(),
      hint: 'Name the file with -f.',
    });
  }
  const folder = dirname(path);
  const own = (variable: string) => environment[variable];
  const dotenv = readDotenv(join(folder, '.env'), own);
  const variable = (key: string) => own(key) ?? dotenv[key];
  return readProject({
    text: readText(path, '-f'),
    fileName: basename(path),
    overrides: over.map((one) => ({ text: readText(one, '-f'), fileName: basename(one) })),
    folder,
    name: name ?? environment.COMPOSE_PROJECT_NAME ?? dotenv.COMPOSE_PROJECT_NAME ?? null,
    variable,
    readFile: (wanted) => (existsSync(wanted) ? readText(wanted, 'env_file') : null),
    isThere: existsSync,
  });
}

/** For what needs no more than the name: `down`, `ps` and `logs` work from the marks on guests. */
export function loadName(wanted: Wanted): string {
  if (wanted.name !== null) return projectName({ name: wanted.name, folder: process.cwd(), fileName: '' }, null);
  return loadProject(wanted).name;
}

function readDotenv(path: string, own: (name: string) => string | undefined): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  try {
    return parseDotenv(text, own);
  } catch (error) {
    throw misused(`.env: ${(error as Error).message}`);
  }
}
