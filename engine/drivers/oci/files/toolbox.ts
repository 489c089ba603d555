/**
 * The host's static busybox, which is what is run inside a guest's root: our program, whatever the guest has put where
 * tar and ls usually are, and needing none of the guest's files (CVE-2019-14271 was a tool that loaded the guest's).
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { Paths } from '../../../host/paths.ts';
import { run } from '../../../host/process.ts';
import { findBusybox } from '../../../images/builders/busybox.ts';
import type { House } from '../../../networks/house.ts';
import { openRoot } from './root.ts';

export interface Toolbox {
  readonly path: string;
  /** Where it is, and its name there: it is started from outside of the root it works in. */
  readonly folder: string;
  readonly program: string;
  /** Paths of its tools, without a leading slash: `usr/bin/wget`. */
  readonly applets: readonly string[];
}

const FIND_TIMEOUT_MS = 20_000;
const TRIAL_TIMEOUT_MS = 3_000;

/** Found and tried once; a failure is not kept. Throws `missing-tool`, or `unsupported` for one that cannot be trusted. */
export function createToolbox(paths: Paths, house: House): () => Promise<Toolbox> {
  let found: Promise<Toolbox> | null = null;
  return () => {
    found ??= find(paths, house).catch((error) => {
      found = null;
      throw error;
    });
    return found;
  };
}

async function find(paths: Paths, house: House): Promise<Toolbox> {
  const { path, applets } = await findBusybox(AbortSignal.timeout(FIND_TIMEOUT_MS));
  const toolbox = { path, applets, folder: dirname(path), program: basename(path) };
  await house.ensure();
  await trial(paths, house, toolbox);
  return toolbox;
}

/**
 * A static program may still ask the C library whose name a number is, which loads whatever the root's nsswitch.conf
 * names. Here that file is a pipe: one that asks never comes back.
 */
async function trial(paths: Paths, house: House, toolbox: Toolbox): Promise<void> {
  const folder = join(paths.run, `toolbox-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(join(folder, 'etc'), { recursive: true, mode: 0o700 });
    await run([toolbox.path, 'mkfifo', join(folder, 'etc', 'nsswitch.conf')]);
    const root = openRoot(house, toolbox, folder);
    try {
      await root.text(['tar', '-c', '-f', '-', '-C', '/', 'etc'], { timeoutMs: TRIAL_TIMEOUT_MS });
    } finally {
      root.close();
    }
  } catch (error) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `Files in guests cannot be reached with the program ${toolbox.path}.`,
      subject: toolbox.path,
      cause: (error as GuesthouseError).cause ?? (error as Error).message,
      hint: "Install the distribution's package of a static busybox.",
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
