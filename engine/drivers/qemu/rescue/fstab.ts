/** /etc/fstab of an opened system: which of its file systems it expects where (fstab(5)). Pure. */
export interface Wanted {
  /** `UUID=…`, `LABEL=…`, `/dev/vda1`, as written. */
  readonly source: string;
  /** Absolute. */
  readonly path: string;
}

const MAX_LINES = 200;

/** Parents before what is in them. */
export function parseFstab(text: string): Wanted[] {
  const wanted: Wanted[] = [];
  for (const line of text.split('\n').slice(0, MAX_LINES)) {
    const [source = '', path = ''] = line.trim().split(/\s+/).map(plainly);
    if (source.startsWith('#') || !/^\/./.test(path) || path.includes('\0')) continue;
    wanted.push({ source, path });
  }
  return wanted.sort((a, b) => a.path.split('/').length - b.path.split('/').length);
}

/** Whether an entry means this file system. Names of devices are compared by their partition's number alone: `sda1` is `vda1`. */
export function means(
  { source }: Wanted,
  one: { device: string; disk: string; uuid: string | null; label: string | null },
): boolean {
  const [key, value = ''] = source.replaceAll('"', '').split('=', 2) as [string, string?];
  if (key === 'UUID') return one.uuid !== null && value.toLowerCase() === one.uuid.toLowerCase();
  if (key === 'LABEL') return one.label !== null && value === one.label;
  const named = /^\/dev\/(?:[shv]d([a-z]\d*)|(nvme\d+n\d+p\d+))$/.exec(source);
  if (named?.[1]) return one.device === `vd${named[1]}`;
  if (named?.[2]) return one.device === `vda${named[2].replace(/^.*p/, '')}`;
  const mapped = /^\/dev\/mapper\/(.+)$/.exec(source)?.[1];
  if (mapped) return one.disk === mapped;
  const volume = /^\/dev\/([^/]+)\/([^/]+)$/.exec(source);
  return volume !== null && one.disk === `${volume[1]?.replaceAll('-', '--')}-${volume[2]?.replaceAll('-', '--')}`;
}

/** Spaces and the like are octal numbers. */
function plainly(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** PRETTY_NAME of /etc/os-release (os-release(5)), shortened; null: it says none. */
export function systemName(text: string): string | null {
  const found = /^PRETTY_NAME=(.*)$/m.exec(text)?.[1] ?? /^NAME=(.*)$/m.exec(text)?.[1];
  const name = found
    ?.trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is shown to a person
    .replace(/[\x00-\x1f\x7f]/g, ' ')
    .slice(0, 100);
  return name ? name : null;
}
