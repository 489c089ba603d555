/** Paths inside a guest, as text. What a link leads to is for the guest to say. Pure. */

export const joinPath = (folder: string, name: string): string => `${folder === '/' ? '' : folder}/${name}`;

export const parentOf = (path: string): string => path.replace(/\/+[^/]*\/*$/, '') || '/';

/** `/var/log` -> `/`, `var`, `log`, each with its own path. */
export function crumbsOf(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter(Boolean);
  return [{ name: '/', path: '/' }, ...names.map((name, i) => ({ name, path: `/${names.slice(0, i + 1).join('/')}` }))];
}

/** `rwxr-xr-x`, with the bits set-uid, set-gid and sticky where they stand in `ls`. */
export function rightsOf(mode: number): string {
  const bit = (at: number, letter: string) => (mode & at ? letter : '-');
  const last = (run: number, special: number, letter: string) =>
    mode & special ? (mode & run ? letter : letter.toUpperCase()) : mode & run ? 'x' : '-';
  return [
    bit(0o400, 'r') + bit(0o200, 'w') + last(0o100, 0o4000, 's'),
    bit(0o040, 'r') + bit(0o020, 'w') + last(0o010, 0o2000, 's'),
    bit(0o004, 'r') + bit(0o002, 'w') + last(0o001, 0o1000, 't'),
  ].join('');
}
