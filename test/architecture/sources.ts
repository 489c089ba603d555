/** The project's own text files, as git knows them, new ones included. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Source {
  readonly path: string;
  readonly text: string;
}

const TEXT = /\.(ts|js|cjs|mjs|svelte|css|html|md|json|yml|sh)$|^\.ci\/run$|(^|\/)init$/;

/** Without git (a copied folder) there is nothing to look at, and the tests say so. */
export function ownSources(): Source[] | null {
  let listed: string;
  try {
    const args = ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard'];
    listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
  return listed
    .split('\n')
    .filter((path) => TEXT.test(path) && path !== 'package-lock.json')
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(join(ROOT, path), 'utf8') }];
      } catch {
        return []; // deleted and not yet committed
      }
    });
}
