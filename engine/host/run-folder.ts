/**
 * The run folder of a home. Which one it can be depends on the environment, which differs between a desktop, cron and
 * `su`; a second one would mean a second copy of running guests. So the first to ask in a boot decides, and the home
 * remembers it as a link `run-folder.<boot id>`: made in one step, and only if there is none.
 */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from './lean.ts';
import { bootId } from './process-ref.ts';

const LINK = 'run-folder.';
/** In a run folder: the path of its home. */
const OWNER = 'home';

/** The folder, made if need be, mode 0700 and ours. `home`: absolute, without links. Throws `denied`. */
export function runFolder(home: string, env: NodeJS.ProcessEnv): string {
  const link = join(home, `${LINK}${bootId()}`);
  const known = recorded(link, home);
  if (known !== null) return known;
  const chosen = choose(keyOf(home), env);
  sign(chosen, home);
  forget(home);
  try {
    symlinkSync(chosen, link);
  } catch (error) {
    // Another was faster: its choice counts. A full or read-only disk must not keep anybody from stopping a guest.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return recorded(link, home) ?? chosen;
  }
  return chosen;
}

/** Its name among the run folders. */
function keyOf(home: string): string {
  // Loaded only here: it takes longer than all else that a list of guests waits for.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(home).digest('hex').slice(0, 10);
}

/** What the link says, when it is still a folder of ours (or can be again). A copy of a home has another. */
function recorded(link: string, home: string): string | null {
  try {
    const path = readlinkSync(link);
    return isAbsolute(path) && untrusted(path) === null && isOf(path, home) ? path : null;
  } catch {
    return null;
  }
}

/** The run folder says whose it is; one that does not yet is known by its name. */
function isOf(path: string, home: string): boolean {
  if (ownerOf(path) === home) return true;
  if (basename(path) !== keyOf(home)) return false;
  sign(path, home);
  return true;
}

/** Not a link: it would lead from the home to the run folder and back, and whoever follows links would never end. */
function sign(path: string, home: string): void {
  try {
    writeFileSync(join(path, OWNER), home, { mode: 0o600 });
  } catch {
    // There is no room, and its name says enough.
  }
}

function ownerOf(path: string): string | null {
  try {
    return readFileSync(join(path, OWNER), 'utf8');
  } catch {
    return null;
  }
}

function choose(key: string, env: NodeJS.ProcessEnv): string {
  const bases = candidates(process.getuid?.() ?? 0, env).map((base) => join(base, key));
  const usable = bases.find((path) => untrusted(path) === null);
  if (usable !== undefined) return usable;
  const last = bases.at(-1) as string;
  throw new GuesthouseError({
    code: 'denied',
    message: `The folder ${dirname(last)} cannot be trusted with sockets.`,
    subject: dirname(last),
    cause: untrusted(last) ?? 'It was changed meanwhile.',
    hint: 'Remove it, or set XDG_RUNTIME_DIR to a folder of your own.',
  });
}

/** Best first. /tmp is last because systemd-tmpfiles(8) removes from it what nobody touched for ten days. */
export function candidates(uid: number, env: NodeJS.ProcessEnv): string[] {
  if (uid === 0) return ['/run/guesthouse'];
  // `su` leaves another user's value behind, so either counts only when it is ours.
  const runtimes = [env.XDG_RUNTIME_DIR ?? '', `/run/user/${uid}`].filter(
    (folder) => isAbsolute(folder) && isOwn(folder, uid),
  );
  return [...new Set(runtimes.map((folder) => join(folder, 'guesthouse'))), `/tmp/guesthouse-${uid}`];
}

/** Makes the folder and the one above it; answers why they cannot be trusted, or null. */
function untrusted(path: string): string | null {
  try {
    for (const folder of [dirname(path), path]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // /tmp is everybody's: somebody else's folder of this name must not receive our sockets.
      const { mode } = lstatSync(folder);
      if (!isOwn(folder, process.getuid?.() ?? 0) || (mode & 0o077) !== 0)
        return `${folder} is not a folder of this user with mode 0700.`;
    }
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function isOwn(folder: string, uid: number): boolean {
  try {
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === uid;
  } catch {
    return false;
  }
}

/** Links of earlier boots, or one that leads nowhere any more. */
function forget(home: string): void {
  try {
    for (const name of readdirSync(home)) if (name.startsWith(LINK)) rmSync(join(home, name), { force: true });
  } catch {
    // it could not be read or changed: the choice is not remembered
  }
}
