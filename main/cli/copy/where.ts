/** The two ends of `cp`, as people write them. Pure. */
import { misused, quoted } from '../args.ts';

export type Place =
  | { readonly kind: 'guest'; readonly guest: string; readonly path: string }
  | { readonly kind: 'host'; readonly path: string }
  /** Standard input or output, as a tar archive. */
  | { readonly kind: 'stream' };

/** `NAME:/path` is in a guest; a path of the host that has a colon is written with a slash before it (`./a:b`). */
export function place(text: string): Place {
  if (text === '-') return { kind: 'stream' };
  if (text === '') throw misused('`cp` needs two places, and one is empty.');
  const match = /^([A-Za-z0-9][A-Za-z0-9_.-]*):(.*)$/s.exec(text);
  if (!match) return { kind: 'host', path: text };
  const path = match[2] as string;
  if (path === '') throw misused(`${quoted(text)} names no path in the guest.`, 'Write e.g. web:/etc/hosts.');
  return { kind: 'guest', guest: match[1] as string, path: path.startsWith('/') ? path : `/${path}` };
}

/** Last component and the folder it is in; `contents`: it ended in `/.`, which means what is in the folder. */
export function split(path: string): { parent: string; base: string; contents: boolean } {
  const contents = path === '.' || path.endsWith('/.');
  const clean = path.replace(/\/\.$/, '').replace(/\/+$/, '') || '/';
  const at = clean.lastIndexOf('/');
  return { parent: at <= 0 ? (at === 0 ? '/' : '.') : clean.slice(0, at), base: clean.slice(at + 1), contents };
}
