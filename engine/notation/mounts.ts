/** What a guest sees of the host: `-v`, `--tmpfs` and `--device`. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DeviceRule, Mount, Tmpfs } from '../contract/guest.ts';
import { misused, quoted } from './misuse.ts';
import { mebibytes } from './quantity.ts';

/**
 * `SRC:DST[:ro|rw][,U]`. SRC is a folder when it has a slash or begins with a dot or `~`, else the name of a volume.
 * `base`: folder that relative paths start from, or what makes them absolute. `z` and `Z` (labels of SELinux) change nothing here. Throws `invalid`.
 */
export function mount(text: string, base: string | ((path: string) => string) = process.cwd(), option = '-v'): Mount {
  const [source, target, flags, extra] = text.split(':');
  if (!source || extra !== undefined || (target === undefined && source.startsWith('/'))) {
    throw misused(
      `${option} needs a volume or folder and where it goes, not ${quoted(text)}.`,
      'Write NAME:/path or /folder:/path, with :ro at the end for read-only. A volume without a name is not possible.',
    );
  }
  if (!target?.startsWith('/')) {
    throw misused(
      `${option} ${quoted(text)} does not say where in the guest.`,
      'Write SRC:DST with an absolute DST, e.g. -v data:/var/lib/data.',
    );
  }
  const words = new Set((flags ?? '').split(',').filter((word) => word !== ''));
  const unknown = [...words].find((word) => !['ro', 'rw', 'U', 'z', 'Z'].includes(word));
  if (unknown !== undefined || (words.has('ro') && words.has('rw'))) {
    throw misused(
      `${option} ${quoted(text)} has the option ${quoted(unknown ?? 'ro,rw')}, which is not possible.`,
      'The options are ro, rw and U (the files belong to the user of the guest).',
    );
  }
  return {
    source:
      source.includes('/') || /^[.~]/.test(source)
        ? typeof base === 'string'
          ? folder(source, base)
          : base(source)
        : source,
    target,
    readOnly: words.has('ro'),
    ...(words.has('U') ? { owned: true } : {}),
  };
}

/** A path is made absolute here, where the working folder is known. */
export function folder(path: string, base: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return resolve(base, path);
}

/** `/path[:size=64m]`. Throws `invalid`. */
export function tmpfs(text: string, option = '--tmpfs'): Tmpfs {
  const at = text.indexOf(':');
  const target = at < 0 ? text : text.slice(0, at);
  if (!target.startsWith('/'))
    throw misused(`${option} needs an absolute path, not ${quoted(text)}.`, 'Write e.g. --tmpfs /run:size=64m.');
  let sizeMib: number | null = null;
  for (const word of at < 0 ? [] : text.slice(at + 1).split(',')) {
    if (word.startsWith('size=')) sizeMib = mebibytes(word.slice(5), `${option} size=`, 'b');
    else if (word !== 'rw' && word !== '')
      throw misused(
        `${option} ${quoted(text)} has the option ${quoted(word)}, which is not possible.`,
        'There is size=, e.g. size=64m.',
      );
  }
  return { target, sizeMib };
}

/** `/dev/x[:/dev/y][:rwm]`. Throws `invalid`. */
export function device(text: string, option = '--device'): DeviceRule {
  const [source, second, third, extra] = text.split(':');
  const isAccess = (word: string) => /^[rwm]{1,3}$/.test(word);
  const access = third ?? (second !== undefined && isAccess(second) ? second : undefined);
  const target = second === undefined || (third === undefined && isAccess(second)) ? source : second;
  if (!source?.startsWith('/') || !target?.startsWith('/') || extra !== undefined || (access && !isAccess(access))) {
    throw misused(
      `${option} needs a device of the host, not ${quoted(text)}.`,
      'Write e.g. --device /dev/fuse or --device /dev/ttyUSB0:/dev/modem:rw.',
    );
  }
  return { source, target, access: access ?? 'rwm' };
}
