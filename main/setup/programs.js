/** Running programs and finding them. Arguments are lists; nothing here goes through a shell. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** An ordinary user's PATH often lacks the sbin folders where runc, nft and dnsmasq live. */
const SEARCHED = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Full path of a program, or null. @param {string} name */
export function findProgram(name) {
  const folders = new Set([...(process.env.PATH ?? '').split(':').filter(Boolean), ...SEARCHED]);
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not in this folder
    }
  }
  return null;
}

/**
 * Runs a program to its end. With `quiet` its output is kept and returned, otherwise shown as it comes.
 * Resolves with code -1 when it could not be started.
 * @param {string[]} argv
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runProgram(argv, options = {}) {
  const [command, ...args] = /** @type {[string, ...string[]]} */ (argv);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: options.quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code, signal) => {
      const output = Buffer.concat(chunks).toString('utf8');
      resolve({ code: code ?? 128, output: signal ? `${output}\nended by ${signal}` : output });
    });
  });
}

/** The last lines of a program's output: the first ones greet, the last ones say why. @param {string} output */
export function lastLines(output) {
  return output.trim().split('\n').slice(-6).join('\n');
}

/** What npm says went wrong: the first of its error lines; the last ones are usage and a log's name. @param {string} output */
export function npmReason(output) {
  const said = output.split('\n').flatMap((line) => /^npm (?:error|ERR!) (.+)/.exec(line)?.[1] ?? []);
  return said.slice(0, 4).join(' ') || lastLines(output);
}
