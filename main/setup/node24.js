/**
 * Node 24, which runs the project's TypeScript as it is. A machine with Node 20 gets it from the npm package
 * `node-<platform>-<arch>`, first into dist/setup, because npm must already run under it: under Node 20, npm silently
 * installs older majors of packages that ask for a newer Node.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, npmReason, runProgram } from './programs.js';
import { SetupError, say } from './say.js';

/** The oldest major that strips types without a flag and has node:sqlite without a warning. */
const NEEDED_MAJOR = 24;

/** The program a `node` command of npm's lifecycle scripts finds after `npm ci`. @param {string} root */
export function installedNode(root) {
  return join(root, 'node_modules', 'node', 'bin', 'node');
}

/**
 * Path of a Node that can run the project, fetched when this machine has none.
 * @param {string} root folder of the project
 */
export async function ensureNode(root) {
  if (majorOf(process.versions.node) >= NEEDED_MAJOR) return process.execPath;
  if (existsSync(installedNode(root))) return installedNode(root);

  const version = pinnedVersion(root);
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = join(root, 'dist', 'setup');
  const node = join(prefix, 'node_modules', name, 'bin', 'node');
  if (existsSync(node)) return node;
  say(`fetching Node ${version} (this is Node ${process.versions.node}; kept in dist/setup)`);
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  const argv = [process.execPath, npmProgram(), 'install', '--prefix', prefix, ...flags, `${name}@${version}`];
  const { code, output } = await runProgram(argv, { quiet: true, env: npmEnv() });
  if (code !== 0 || !existsSync(node)) {
    throw new SetupError(
      `Node ${version} could not be fetched: ${npmReason(output)}`,
      `Check that npm reaches its registry (npm ping), or install Node ${NEEDED_MAJOR} yourself and try again.`,
    );
  }
  return node;
}

/** npm's own JavaScript file, to be run by the Node of our choice. */
export function npmProgram() {
  const given = process.env.npm_execpath;
  if (given && /npm-cli\.js$/.test(given) && existsSync(given)) return given;
  const npm = findProgram('npm');
  if (!npm) throw new SetupError('npm is not installed.', 'Install it (Debian: apt-get install npm) and try again.');
  return npm;
}

/**
 * The environment for npm and for everything of the project: our Node first on PATH, so that install scripts and
 * `#!/usr/bin/env node` find it too; what an outer `npm run` says about itself is not passed on.
 * @param {string} [node]
 */
export function npmEnv(node = process.execPath) {
  /** @type {NodeJS.ProcessEnv} */
  const env = {};
  for (const [key, value] of Object.entries(process.env)) {
    if (!/^npm_(lifecycle|package|command|execpath|node_execpath)/.test(key)) env[key] = value;
  }
  env.PATH = `${dirname(node)}:${process.env.PATH ?? '/usr/bin:/bin'}`;
  return env;
}

/** @param {string} root */
function pinnedVersion(root) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return /** @type {string} */ (manifest.devDependencies.node);
}

/** @param {string} version */
function majorOf(version) {
  return Number(version.split('.')[0]);
}
