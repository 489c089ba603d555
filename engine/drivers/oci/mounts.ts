/** Folders of the host and volumes as a container sees them: with which flags, and whose their files are. */
import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Mount } from '../../contract/guest.ts';
import { run } from '../../host/process.ts';
import type { House } from '../../networks/house.ts';
import type { Identity } from './process-spec.ts';

/** A mount whose source is a path, with the flags a view of it has to keep. */
export type PlacedMount = Mount & { readonly flags: readonly string[] };

/** A large folder may take a while (ms). */
const CHOWN_TIMEOUT_MS = 10 * 60_000;
/** What the host itself lives in is given to nobody. */
const HOST_OWN = ['/', '/bin', '/boot', '/dev', '/etc', '/lib', '/lib64', '/proc', '/root', '/run', '/sbin', '/sys'];
const HOST_SHARED = ['/home', '/opt', '/srv', '/tmp', '/usr', '/var', '/var/lib', '/var/log', '/var/tmp'];

export async function placeMounts(mounts: readonly Mount[], guest: string): Promise<PlacedMount[]> {
  return Promise.all(mounts.map(async (mount) => ({ ...mount, flags: await sourceFlags(mount.source, guest) })));
}

/** Throws `not-found` for a folder that is not there; answers flags a read-only view of it has to keep. */
export async function sourceFlags(source: string, guest: string): Promise<string[]> {
  try {
    await stat(source);
  } catch (error) {
    throw new GuesthouseError({
      code: (error as NodeJS.ErrnoException).code === 'EACCES' ? 'denied' : 'not-found',
      message: `The folder ${source} that ${guest} shall see does not exist or cannot be reached.`,
      subject: source,
      cause: (error as Error).message,
    });
  }
  // In a user namespace a mount's own restrictions cannot be lifted, and must be said again when it is mounted anew.
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' '));
  let best: string[] = [];
  for (const fields of mounts) {
    const point = fields[4] ?? '';
    const above = point === '/' || source === point || source.startsWith(`${point}/`);
    if (above && point.length >= (best[4]?.length ?? 0)) best = fields;
  }
  return (best[5] ?? '').split(',').filter((flag) => flag === 'noexec');
}

/**
 * Hands the files of `owned` mounts to the user the guest's program runs as (decisions/0008). Answers what a person
 * should know of it. Throws `denied` and `unsupported`.
 */
export async function giveOwned(
  house: House,
  mounts: readonly PlacedMount[],
  identity: Identity,
  signal: AbortSignal,
): Promise<string[]> {
  const notes: string[] = [];
  for (const { source, owned, readOnly } of mounts) {
    if (!owned || readOnly) continue;
    refuseHostFolders(source);
    const uid = hostId(idMap(house, 'uid'), identity.uid);
    const gid = hostId(idMap(house, 'gid'), identity.gid);
    if (uid === null || gid === null) {
      throw new GuesthouseError({
        code: 'unsupported',
        message: `The files of ${source} cannot belong to user ${identity.uid} of the guest.`,
        subject: source,
        cause: 'Guesthouse was given too few user ids for it.',
        hint: 'Let the guest run as root, or give this user subordinate ids (/etc/subuid and /etc/subgid).',
      });
    }
    const now = statSync(source);
    if (now.uid === uid && now.gid === gid) continue;
    const words = ['chown', '-R', '-h', '-P', `${identity.uid}:${identity.gid}`, '--', source];
    try {
      await run(words, { inside: house.inside({ network: false }), signal, timeoutMs: CHOWN_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof GuesthouseError) || error.code !== 'internal') throw error;
      throw new GuesthouseError({
        code: 'denied',
        message: `The files of ${source} cannot be handed to user ${identity.uid} of the guest.`,
        subject: source,
        cause: error.cause ?? error.message,
        hint: 'They have to be yours.',
      });
    }
    if (uid !== process.getuid?.()) notes.push(`On the host the files of ${source} belong to user ${uid} now.`);
  }
  return notes;
}

function refuseHostFolders(source: string): void {
  if (![...HOST_OWN, ...HOST_SHARED, process.env.HOME ?? '/'].includes(source.replace(/(.)\/+$/, '$1'))) return;
  throw new GuesthouseError({
    code: 'denied',
    message: `${source} belongs to the host; its files are not handed to a guest.`,
    subject: source,
    hint: 'Choose a folder below it, or leave the owner as it is.',
  });
}

interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/** /proc/<pid>/uid_map or gid_map of the house, as this process sees it. */
function idMap(house: House, kind: 'uid' | 'gid'): readonly IdRange[] {
  return idRanges(readFileSync(`/proc/${house.pid}/${kind}_map`, 'latin1'));
}

/** Pure. */
export function idRanges(text: string): readonly IdRange[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
      return { inside, outside, count };
    });
}

/** The id on the host of an id inside; null: it has none. Pure. */
export function hostId(map: readonly IdRange[], id: number): number | null {
  const range = map.find(({ inside, count }) => id >= inside && id - inside < count);
  return range ? range.outside + (id - range.inside) : null;
}
