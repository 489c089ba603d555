/**
 * `node main/setup/run.js <purpose> <file.ts> [arguments]`: set-up for that purpose, then the file under Node 24.
 * Used by the npm scripts; its exit code is the file's.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { npmEnv } from './node24.js';
import { whenOrphaned } from './orphaned.js';
import { main } from './say.js';
import { ROOT, setUp } from './setup.js';

/** Runs a file of the project, hands signals on, and resolves with its exit code. @param {string} node @param {string[]} args */
export function runFile(node, args) {
  return new Promise((/** @type {(code: number) => void} */ resolve, reject) => {
    const child = spawn(node, args, { cwd: ROOT, stdio: 'inherit', env: npmEnv(node) });
    // The terminal sends Ctrl-C to both of us; whoever sends SIGTERM means the child as well.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    whenOrphaned(() => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}

if (process.argv[1]?.endsWith('run.js')) {
  const [purpose, file, ...rest] = process.argv.slice(2);
  await main(async () => {
    const node = await setUp(/** @type {import('./parts.js').Purpose} */ (purpose));
    return runFile(node, [/** @type {string} */ (file), ...rest]);
  });
}
