/** Whether a container's root has a program, looked at from outside: for where nobody else would say what is missing. */
import { closeSync, fstatSync } from 'node:fs';
import { posix } from 'node:path';
import type { GuestRecord } from '../driver.ts';
import { mountsOf } from '../mounts.ts';
import type { ProcessSpec } from './process-spec.ts';
import { openInRoot } from './syscalls.ts';

const ANY_EXECUTE = 0o111;

/**
 * null: it is there, or may be (what is mounted into the container is not seen from outside). Otherwise what a runtime
 * would have said, in the words failure.ts knows.
 */
export function missingCommand(
  root: string,
  { args, env, cwd }: Pick<ProcessSpec, 'args' | 'env' | 'cwd'>,
  guest: Pick<GuestRecord, 'spec' | 'ownVolumes'>,
): string | null {
  const targets = [...mountsOf(guest), ...guest.spec.tmpfs].map(({ target }) =>
    posix.normalize(target).replace(/(.)\/$/, '$1'),
  );
  let message = 'exec: no such file or directory';
  for (const place of placesOf(args[0] ?? '', env, cwd)) {
    if (targets.some((target) => place === target || place.startsWith(`${target}/`))) return null;
    const fd = openInRoot(root, place.slice(1), 'look');
    if (fd === null) continue;
    const info = fstatSync(fd);
    closeSync(fd);
    if (info.isFile() && (info.mode & ANY_EXECUTE) !== 0) return null;
    message = 'exec: permission denied';
  }
  return message;
}

/** As execvp(3) looks; a relative folder of PATH would mean another program in another working folder. */
function placesOf(command: string, env: readonly string[], cwd: string): string[] {
  if (command.includes('/')) return [posix.resolve(cwd, command)];
  const path = env.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return path.split(':').flatMap((folder) => (folder.startsWith('/') ? [posix.join(folder, command)] : []));
}
