/** Subordinate ids: the further user and group ids an ordinary user may give to guests (subuid(5)). */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

export interface IdRange {
  readonly start: number;
  readonly count: number;
}

/** The widest range `/etc/subuid` (or subgid) text gives to a user, by name or number; null without one. Pure. */
export function widestRange(text: string, name: string, id: number): IdRange | null {
  let widest: IdRange | null = null;
  for (const line of text.split('\n')) {
    const [owner, start, count] = line.trim().split(':');
    if (owner !== name && owner !== String(id)) continue;
    const range = { start: Number(start), count: Number(count) };
    if (!Number.isSafeInteger(range.start) || !Number.isSafeInteger(range.count) || range.count < 1) continue;
    if (widest === null || range.count > widest.count) widest = range;
  }
  return widest;
}

/** Both ranges of the user who runs us; null unless both are there. */
export function ownRanges(): { uids: IdRange; gids: IdRange } | null {
  const { username, uid } = userInfo();
  const uids = widestRange(readText('/etc/subuid'), username, uid);
  const gids = widestRange(readText('/etc/subgid'), username, uid);
  return uids && gids ? { uids, gids } : null;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
