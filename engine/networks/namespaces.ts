/**
 * A guest's network namespace. It is pinned by a mount over an empty file of the run folder. The mount is made in the
 * house only, so removing the file on the host takes the mount away everywhere and, with the last process, the namespace.
 */
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../host/process.ts';
import type { Standing } from './standing.ts';

const MAKE_TIMEOUT_MS = 10_000;

/**
 * Run by `sh` inside the new namespace with the highest group id as $1 and `ip -batch` lines as input. Any port may be
 * served and everybody may ping there, whoever the guest's program runs as. Its addresses are given, and no other guest
 * may say where routers are. A constant: it never holds data.
 */
const SET_UP = `echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
echo "0 $1" >/proc/sys/net/ipv4/ping_group_range
if cd /proc/sys/net/ipv6/conf 2>/dev/null
then echo 0 >default/accept_ra
echo 0 >default/accept_dad
cd /
fi
exec ip -batch -`;

const folderOf = (runFolder: string) => join(runFolder, 'netns');

function namespacePath(runFolder: string, guestId: string): string {
  return join(folderOf(runFolder), guestId);
}

/** Makes a namespace and carries out `batch` in it. On failure nothing is left. */
export async function makeNamespace(
  house: Pick<Standing, 'known' | 'inside'>,
  runFolder: string,
  guestId: string,
  batch: string,
): Promise<string> {
  const path = namespacePath(runFolder, guestId);
  await mkdir(folderOf(runFolder), { recursive: true, mode: 0o700 });
  await writeFile(path, '', { mode: 0o600 });
  const highestGroup = house.known().ids === 'single' ? '0' : '65535';
  try {
    const words = ['unshare', `--net=${path}`, 'sh', '-c', SET_UP, 'sh', highestGroup];
    await run(words, { inside: house.inside({ network: true }), input: batch, timeoutMs: MAKE_TIMEOUT_MS });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return path;
}

/** Answers whether there was one. */
export async function removeNamespace(runFolder: string, guestId: string): Promise<boolean> {
  const path = namespacePath(runFolder, guestId);
  return access(path).then(
    () => rm(path, { force: true }).then(() => true),
    () => false,
  );
}
