/** Which parts of the system are missing, and installing them with the distribution's own packages. */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { partsFor } from './parts.js';
import { findProgram, lastLines, runProgram } from './programs.js';
import { say } from './say.js';

/** @typedef {import('./parts.js').Part} Part */
/** @typedef {import('./parts.js').PackageSystem} PackageSystem */

/** Package lists older than this often name versions the mirror no longer has (days). */
const LISTS_STALE_DAYS = 7;

/** How each package system installs without asking. @type {Record<PackageSystem, string[]>} */
const INSTALL = {
  apt: ['apt-get', 'install', '-y', '-q', '--no-install-recommends'],
  dnf: ['dnf', 'install', '-y', '--setopt=install_weak_deps=False'],
  pacman: ['pacman', '-S', '--needed', '--noconfirm'],
  zypper: ['zypper', '--non-interactive', 'install', '--no-recommends'],
};

/** Parts that are not there. @param {import('./parts.js').Purpose} purpose */
export function missingParts(purpose) {
  return partsFor(purpose).filter((part) => !part.look.some((thing) => isThere(thing, part.mustBeStatic ?? false)));
}

/** @param {Part[]} parts @param {PackageSystem} system */
export function packagesOf(parts, system) {
  return [...new Set(parts.flatMap((part) => part.packages[system] ?? []))];
}

/** @param {import('./parts.js').Purpose} purpose */
export async function ensureSystemParts(purpose) {
  const missing = missingParts(purpose);
  if (missing.length === 0) return;
  const system = packageSystem();
  const names = missing.map((part) => part.look[0]?.split('/').pop()).join(', ');
  const packages = system ? packagesOf(missing, system) : [];
  if (!system || packages.length === 0) {
    say(`missing from this system: ${names}. No package is known for it here; please install them yourself.`);
    return sayWithout(missing);
  }

  const argv = [...INSTALL[system], ...packages];
  say(`missing from this system: ${names}`);
  const prefix = await permission(argv);
  if (!prefix) return sayWithout(missing);
  await install(system, packages, prefix);
  // Only what came just now: a service that was here before is somebody's.
  const services = missing.flatMap((part) => part.service ?? []);
  if (services.length > 0 && findProgram('systemctl'))
    await runProgram([...prefix, 'systemctl', 'disable', '--now', ...services], { quiet: true });
  const still = missingParts(purpose);
  if (still.length === 0) say('the system has everything now');
  else sayWithout(still);
}

/**
 * The words before the install command (none for root, sudo or pkexec otherwise), or null for "not now".
 * @param {string[]} argv
 * @returns {Promise<string[] | null>}
 */
async function permission(argv) {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  // CI never answers a question; sudo either needs no password there or fails at once.
  if (process.env.CI && sudo) return [sudo, '-n'];
  const asker = sudo ?? findProgram('pkexec');
  if (!process.stdin.isTTY || !asker) {
    say(`to install them, run as root:  ${argv.join(' ')}`);
    return null;
  }
  process.stderr.write(`\n  ${argv.join(' ')}\n\n`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`guesthouse: install them now with ${asker.split('/').pop()}? [y/N] `);
  lines.close();
  return /^(y|yes)$/i.test(answer.trim()) ? [asker] : null;
}

/** @param {PackageSystem} system @param {string[]} packages @param {string[]} prefix */
async function install(system, packages, prefix) {
  // `env` because sudo and pkexec pass on no variables of ours.
  const before = system === 'apt' ? [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive'] : prefix;
  if (system === 'apt' && aptListsAreStale()) {
    say('reading the package lists: apt-get update');
    await runProgram([...before, 'apt-get', 'update', '-q'], { quiet: true });
  }
  say(`installing: ${packages.join(' ')}`);
  const all = await runProgram([...before, ...INSTALL[system], ...packages], { quiet: true });
  if (all.code === 0) return;
  // One unknown name makes the package system refuse the whole list.
  say(`that failed (${lastLines(all.output)}); trying them one by one`);
  for (const name of packages) {
    const one = await runProgram([...before, ...INSTALL[system], name], { quiet: true });
    if (one.code !== 0) say(`${name} could not be installed: ${lastLines(one.output)}`);
  }
}

/** @param {Part[]} missing */
function sayWithout(missing) {
  for (const reason of new Set(missing.map((part) => part.without))) say(`without them ${reason}`);
}

/** @returns {PackageSystem | null} */
function packageSystem() {
  const found = Object.entries(INSTALL).find(([, argv]) => findProgram(/** @type {string} */ (argv[0])));
  return found ? /** @type {PackageSystem} */ (found[0]) : null;
}

function aptListsAreStale() {
  const folder = '/var/lib/apt/lists';
  if (!existsSync(folder)) return true;
  const lists = readdirSync(folder).filter((name) => /_Packages(\.\w+)?$/.test(name));
  const ages = ['.', 'partial'].map((name) => statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return lists.length === 0 || Date.now() - Math.max(...ages) > LISTS_STALE_DAYS * 24 * 3600 * 1000;
}

/** @param {string} thing @param {boolean} mustBeStatic */
function isThere(thing, mustBeStatic) {
  if (thing.startsWith('/')) return existsSync(thing);
  const path = findProgram(thing);
  return path !== null && (!mustBeStatic || isStatic(path));
}

/** Whether an ELF program (64 bit, little-endian) names no loader: it has no PT_INTERP header. @param {string} path */
export function isStatic(path) {
  const head = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  const length = readSync(file, head, 0, head.length, 0);
  closeSync(file);
  if (length < 64 || head.toString('latin1', 0, 4) !== '\x7fELF') return false;
  const PT_INTERP = 3;
  const [offset, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  for (let at = offset; at < offset + size * count && at + 4 <= length; at += size) {
    if (head.readUInt32LE(at) === PT_INTERP) return false;
  }
  return true;
}
