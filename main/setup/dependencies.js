/** The npm packages: `npm ci` when what is installed is not what package-lock.json says. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedNode, npmEnv, npmProgram } from './node24.js';
import { npmReason, runProgram } from './programs.js';
import { SetupError, say } from './say.js';

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, link?: boolean }} Locked */

/**
 * @param {string} root folder of the project
 * @param {string} node the Node that runs npm
 */
export async function ensureDependencies(root, node) {
  const reason = whyInstall(root);
  if (!reason) return;
  say(`installing the npm packages (${reason}): npm ci`);
  const argv = [node, npmProgram(), 'ci', '--no-audit', '--no-fund'];
  const { code, output } = await runProgram(argv, { cwd: root, quiet: true, env: npmEnv(node) });
  if (code !== 0) {
    throw new SetupError(
      `npm ci failed: ${npmReason(output)}`,
      'Check that npm reaches its registry (npm ping) and that the disk is not full, then try again.',
    );
  }
  if (!existsSync(installedNode(root))) {
    throw new SetupError(
      'npm ci did not put Node 24 into node_modules.',
      'npm did not run the install script of the package "node": remove ignore-scripts from your .npmrc, then try again.',
    );
  }
}

/**
 * Why `npm ci` is needed, or null. npm writes node_modules/.package-lock.json last, so it is there only after a whole
 * install; a person's own `npm install` counts as well.
 * @param {string} root
 */
export function whyInstall(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  const found = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted)
    throw new SetupError('package-lock.json is missing or damaged.', 'Restore it: git checkout package-lock.json');
  if (!found) return 'none are installed';
  if (!existsSync(installedNode(root))) return 'Node 24 is missing from node_modules';
  const different = firstDifference(wanted, found);
  return different ? `${different} is not as package-lock.json says` : null;
}

/**
 * The first package of the lock file that is not installed in that version. Packages for other platforms are optional
 * and may be absent.
 * @param {Record<string, Locked>} wanted
 * @param {Record<string, Locked>} found
 */
export function firstDifference(wanted, found) {
  for (const [path, locked] of Object.entries(wanted)) {
    if (path === '' || locked.link) continue;
    const installed = found[path];
    if (!installed && (locked.optional || locked.devOptional)) continue;
    if (installed?.version !== locked.version) return path.slice(path.lastIndexOf('node_modules/') + 13);
  }
  return null;
}

/** @param {string} path @returns {Record<string, Locked> | null} */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}
