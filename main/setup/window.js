/** Builds the window, the command line, and Electron's side, when their sources changed since the last build. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtCommand } from './built.js';
import { npmEnv } from './node24.js';
import { lastLines, runProgram } from './programs.js';
import { SetupError, say } from './say.js';

/**
 * @typedef {object} Build
 * @property {string} name for a person
 * @property {string} result a file that is there once it is built
 * @property {string[]} sources files and folders whose content decides whether to build again
 * @property {(root: string) => boolean} [isCurrent] decides instead of them
 * @property {string[][]} commands arguments of vite, one run each
 */

/** @type {Record<'window' | 'command' | 'electron', Build>} */
export const BUILDS = {
  window: {
    name: 'window',
    result: 'dist/renderer/index.html',
    sources: [
      'renderer',
      'engine/contract',
      'assets/fonts',
      'assets/icons',
      'vite.config.ts',
      'svelte.config.js',
      'package-lock.json',
    ],
    commands: [['build']],
  },
  command: {
    name: 'command line',
    result: 'dist/cli/sources.json',
    sources: [],
    // The same question as is asked at every command: what it would not take is built again.
    isCurrent: (root) => builtCommand(pathToFileURL(`${root}/`)) !== null,
    commands: [['build', '--config', 'vite.cli.config.ts']],
  },
  electron: {
    name: 'Electron side',
    result: 'dist/electron/main/electron/preload.cjs',
    sources: [
      'engine',
      'main',
      'assets/guest-init',
      'assets/rescue-init',
      'vite.electron.config.ts',
      'package-lock.json',
    ],
    commands: [
      ['build', '--config', 'vite.electron.config.ts', '--mode', 'main'],
      ['build', '--config', 'vite.electron.config.ts', '--mode', 'preload'],
    ],
  },
};

/** @param {string} root @param {string} node @param {keyof typeof BUILDS} which */
export async function ensureBuilt(root, node, which) {
  const build = BUILDS[which];
  if (build.isCurrent?.(root)) return;
  const stampFile = join(root, 'dist', `.${which}-stamp`);
  const stamp = stampOf(root, build.sources);
  const built = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (!build.isCurrent && built === stamp && existsSync(join(root, build.result))) return;

  say(`building the ${build.name}`);
  for (const args of build.commands) {
    const argv = [node, join(root, 'node_modules', 'vite', 'bin', 'vite.js'), ...args, '--logLevel', 'warn'];
    const { code, output } = await runProgram(argv, { cwd: root, quiet: true, env: npmEnv(node) });
    if (code !== 0) {
      throw new SetupError(
        `The ${build.name} could not be built: ${lastLines(output)}`,
        'For all of it: npm run build',
      );
    }
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** A digest of names and contents; tests are no part of what is built. @param {string} root @param {string[]} sources */
export function stampOf(root, sources) {
  const hash = createHash('sha256');
  for (const source of sources) {
    const path = join(root, source);
    if (!existsSync(path)) continue;
    for (const file of filesOf(path)) hash.update(file.slice(root.length)).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} path @returns {string[]} */
function filesOf(path) {
  /** @type {import('node:fs').Dirent[]} */
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return [path];
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory()) return filesOf(join(path, entry.name));
      return entry.isFile() && !/\.test\.ts$/.test(entry.name) ? [join(path, entry.name)] : [];
    });
}
