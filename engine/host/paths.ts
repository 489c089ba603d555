/** Where everything lives. One home (durable) and one run folder (sockets and pid files, gone after a reboot). */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { mkdirSync, realpathSync } from './lean.ts';
import { runFolder } from './run-folder.ts';

export interface Paths {
  /** `$GUESTHOUSE_HOME`, else `$XDG_DATA_HOME/guesthouse`, else `~/.local/share/guesthouse`. */
  readonly home: string;
  readonly guests: string;
  readonly images: string;
  readonly volumes: string;
  readonly cache: string;
  readonly historyDb: string;
  readonly lockDb: string;
  readonly log: string;
  /** Short path (a Unix socket's path has 107 bytes at most), mode 0700, one per home. */
  readonly run: string;
  readonly engineSocket: string;
}

export function resolvePaths(env: NodeJS.ProcessEnv = process.env): Paths {
  const wished = env.GUESTHOUSE_HOME || join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'guesthouse');
  const home = madeHome(resolve(wished));
  const run = runFolder(home, env);
  return {
    home,
    guests: join(home, 'guests'),
    images: join(home, 'images'),
    volumes: join(home, 'volumes'),
    cache: join(home, 'cache'),
    historyDb: join(home, 'history.db'),
    lockDb: join(home, 'lock.db'),
    log: join(home, 'engine.log'),
    run,
    engineSocket: join(run, 'engine.sock'),
  };
}

/** One home must have one run folder however it is spelled. Throws `denied`. */
function madeHome(wished: string): string {
  try {
    mkdirSync(wished, { recursive: true, mode: 0o700 });
    return realpathSync(wished);
  } catch (error) {
    throw new GuesthouseError({
      code: 'denied',
      message: `The folder ${wished}, where Guesthouse keeps its data, could not be made.`,
      subject: wished,
      cause: (error as Error).message,
      hint: 'Set GUESTHOUSE_HOME to a folder you may write into.',
    });
  }
}

/** Folder of one guest. `id` is always one of ours: 12 hex digits. */
export function guestFolder(paths: Paths, id: string): string {
  return `${paths.guests}/${checkedId(id)}`; // join() takes a while, and a list asks a thousand times
}

/** Sockets and pid files of one guest; short, because conmon and QEMU put sockets in it. */
export function guestRunFolder(paths: Paths, id: string): string {
  return `${paths.run}/${checkedId(id)}`;
}

function checkedId(id: string): string {
  if (!/^[0-9a-f]{12}$/.test(id))
    throw new GuesthouseError({ code: 'internal', message: `Not a guest id: ${JSON.stringify(id)}` });
  return id;
}
