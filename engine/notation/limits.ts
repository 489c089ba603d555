/** Resource limits and rights: `nofile=1024:4096`, `NET_ADMIN`, `seccomp=unconfined`. Pure. */
import { resolve } from 'node:path';
import type { Ulimit } from '../contract/guest.ts';
import { misused, quoted } from './misuse.ts';

/** `nofile=1024[:2048]`; `-1` or `unlimited`: none. Throws `invalid`. */
export function ulimit(text: string, option = '--ulimit'): Ulimit {
  const match = /^([a-z]+)=(-1|unlimited|\d{1,15})(?::(-1|unlimited|\d{1,15}))?$/.exec(text);
  if (!match)
    throw misused(`${option} needs NAME=SOFT[:HARD], not ${quoted(text)}.`, 'Write e.g. --ulimit nofile=1024:4096.');
  const value = (word: string) => (word === 'unlimited' ? -1 : Number(word));
  const soft = value(match[2] as string);
  return { name: match[1] as string, soft, hard: match[3] === undefined ? soft : value(match[3]) };
}

/** `CAP_NET_ADMIN`, `net_admin`, `all`: as the engine names them. */
export function capability(text: string, option: string): string {
  const name = text.toUpperCase().replace(/^CAP_/, '');
  if (!/^[A-Z_]{2,40}$/.test(name))
    throw misused(`${option} needs a capability, not ${quoted(text)}.`, 'Write e.g. --cap-add NET_ADMIN.');
  return name;
}

/** `seccomp=default|unconfined|FILE`, `no-new-privileges[:true|:false]`. `place`: what a path means. Throws `invalid`. */
export function security(
  words: readonly string[],
  option = '--security-opt',
  place: (path: string) => string = (path) => resolve(path),
) {
  const found: { seccomp?: string; noNewPrivileges?: boolean } = {};
  for (const word of words) {
    const [name, value] = [word.split(/[=:]/, 1)[0] as string, word.slice(word.search(/[=:]|$/) + 1)];
    if (name === 'seccomp' && value !== '')
      found.seccomp = value === 'default' || value === 'unconfined' ? value : place(value);
    else if (name === 'no-new-privileges' && ['', 'true', 'false'].includes(value))
      found.noNewPrivileges = value !== 'false';
    else
      throw misused(
        `${option} has no ${quoted(word)}.`,
        'There are seccomp=default, seccomp=unconfined, seccomp=FILE and no-new-privileges.',
      );
  }
  return found;
}
