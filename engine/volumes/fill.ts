/**
 * A new volume gets what the image has in the place it will cover, with its owners and attributes. The image's layers
 * are seen as one in a mount namespace of the copy's own, so nothing has to be unmounted however it ends. They never
 * change, so a path may be followed link by link here; it never leaves them.
 */
import { chmod, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanEnv, run } from '../host/process.ts';
import type { Inside } from '../images/inside.ts';

export interface ImageContent {
  /** Folders of the image's layers, topmost first. */
  readonly layers: readonly string[];
  /** Absolute path in the image. */
  readonly path: string;
}

/** Beside `data` while it is filled; what a crash left of them goes at start. */
export const FILL_FOLDERS = ['fill', 'fill-work'] as const;

const FILL_TIMEOUT_MS = 30 * 60_000;

/**
 * $1: an empty folder to work in, $2: folder to fill, $3: path in the image, $4: further mount options, the rest: layers,
 * topmost first. Layers get short names because mount options have to fit into one page, and an empty one is added
 * because an overlay has at least two. A constant: it never holds data.
 */
const COPY = `work=$1 target=$2 rest=$3 options=$4; shift 4
mount -t tmpfs -o mode=700 none "$work" && cd "$work" && mkdir root empty || exit 1
lower= n=0
for layer; do
  ln -s -- "$layer" "l$n" || exit 1
  lower=$lower"l$n:" n=$((n + 1))
done
mount -t overlay -o "lowerdir=\${lower}empty,ro$options" overlay root || exit 1
here=$work/root links=0
while [ -n "$rest" ]; do
  part=\${rest%%/*}
  case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
  case $part in
    '' | .) continue ;;
    ..) [ "$here" = "$work/root" ] || here=\${here%/*}; continue ;;
  esac
  if [ -L "$here/$part" ]; then
    links=$((links + 1))
    [ "$links" -le 40 ] || exit 0
    link=$(readlink -n -- "$here/$part"; echo x)
    link=\${link%x}
    case $link in /*) here=$work/root ;; esac
    rest=$link/$rest
  elif [ -d "$here/$part" ]; then here=$here/$part
  else exit 0
  fi
done
exec cp -a --reflink=auto --sparse=auto -- "$here/." "$target/"`;

/** `folder`: of the volume. Does nothing when it has content, or the image has no folder there. `onBegin`: it looks. */
export async function fillVolume(
  inside: Inside,
  folder: string,
  { layers, path }: ImageContent,
  signal: AbortSignal,
  onBegin: () => void,
): Promise<void> {
  if (!(await isEmpty(join(folder, 'data')))) return;
  onBegin();
  await inside.ensure();
  const [fill, work] = FILL_FOLDERS.map((name) => join(folder, name)) as [string, string];
  try {
    for (const one of [fill, work]) await mkdir(one);
    await chmod(fill, 0o755);
    const options = inside.rootless ? ',userxattr' : '';
    const script = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', COPY, 'sh'];
    // The old way of mounting takes a page of options; newer programs pass each one alone, of 255 bytes at most.
    const env = cleanEnv({ LIBMOUNT_FORCE_MOUNT2: 'always' });
    const argv = [...inside.prefix(), ...script, work, fill, path, options, ...layers];
    await run(argv, { signal, timeoutMs: FILL_TIMEOUT_MS, env });
    await inside.sync(fill, signal);
    // Takes the place of an empty folder only.
    await rename(fill, join(folder, 'data')).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    for (const one of [fill, work]) await inside.removeTree(one);
  }
}

/** A folder we may not even read has been given to somebody: it is in use. */
async function isEmpty(folder: string): Promise<boolean> {
  return readdir(folder).then(
    (names) => names.length === 0,
    () => false,
  );
}
